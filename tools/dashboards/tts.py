"""Speech."""

from tools.dashboards.grafana import Dashboard, Panel
from tools.dashboards.promql import per_second, percentile
from tools.dashboards.tiers import models, replicas

_MODEL = "livetranslate_model"
_LANGUAGE = "livetranslate_language"

_SPEECH = (
    Panel(
        title="Speech by language",
        description="Seconds of speech made in a second.",
        queries={"{{livetranslate_language}}": per_second("livetranslate_speech_duration_seconds_total", by=_LANGUAGE)},
        stacked=True,
    ),
    Panel(
        title="Speech by model",
        description="Seconds of speech made in a second.",
        queries={"{{livetranslate_model}}": per_second("livetranslate_speech_duration_seconds_total", by=_MODEL)},
        stacked=True,
    ),
    Panel(
        title="Lag of speech, p95",
        description="From receiving the end of a segment's audio to telling the first of its speech.",
        queries={"p95": percentile(95, "livetranslate_result_lag_seconds", 'result="speech"')},
        unit="s",
    ),
)

DASHBOARD = Dashboard(
    "tts",
    "LiveTranslate / tts",
    "Speech: languages, models, replicas.",
    {"Speech": _SPEECH, "Models": models("tts"), "Replicas": replicas("tts")},
)
