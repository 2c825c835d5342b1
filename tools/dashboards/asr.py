"""Recognition."""

from tools.dashboards.grafana import Dashboard, Panel
from tools.dashboards.promql import highest, per_second, percentiles, total
from tools.dashboards.tiers import QUEUE_WAIT_LIMIT_SECONDS, models, replicas

_MODEL = "livetranslate_model"

_DECODING = (
    Panel(
        title="Decoders",
        description="Decoders in use over all replicas, and how many a model has in one Triton.",
        queries={
            "{{livetranslate_model}} used": total("livetranslate_slot_used", by=_MODEL),
            "{{livetranslate_model}} of": highest("livetranslate_slot_limit", by=_MODEL),
        },
    ),
    Panel(
        title="Wait for a decoder",
        description="How long utterances wait until a decoder is free. Above the line new sessions are refused.",
        queries=percentiles("livetranslate_slot_wait_seconds"),
        unit="s",
        limit=QUEUE_WAIT_LIMIT_SECONDS,
    ),
    Panel(
        title="Segments",
        description="Segments that became final, by what ended them.",
        queries={"{{end}}": per_second("livetranslate_segments_total", by="end")},
        unit="ops",
    ),
)

DASHBOARD = Dashboard(
    "asr",
    "LiveTranslate / asr",
    "Recognition: decoders, models, replicas.",
    {"Decoding": _DECODING, "Models": models("asr"), "Replicas": replicas("asr")},
)
