"""The gateway and its store."""

from tools.dashboards.grafana import Dashboard, Panel
from tools.dashboards.promql import highest, per_second, percentiles, total
from tools.dashboards.service import DEGRADATIONS
from tools.dashboards.tiers import replicas

_SESSIONS = (
    Panel(
        title="Sessions",
        description="Sessions that run, by replica.",
        queries={"{{instance}}": total("livetranslate_session_active", by="instance")},
    ),
    Panel(
        title="Audio received",
        description="Seconds of audio in a second, by replica.",
        queries={"{{instance}}": per_second("livetranslate_audio_received_seconds_total", by="instance")},
    ),
    Panel(
        title="Degradation",
        description="What a replica leaves out for its running sessions.",
        queries={"{{instance}}": highest("livetranslate_degradation", by="instance")},
        states=DEGRADATIONS,
        limit=1,
    ),
)

_STORE = (
    Panel(
        title="Waiting to be durable",
        description="Records in memory that are not in the database yet.",
        queries={"{{instance}}": total("livetranslate_store_backlog", by="instance")},
    ),
    Panel(
        title="Waiting on disk",
        description="Bytes of records that wait on disk, for the database is away.",
        queries={"{{instance}}": total("livetranslate_store_spilled_bytes", by="instance")},
        unit="bytes",
    ),
    Panel(
        title="Durable lag",
        description="From making a result final to its being durable.",
        queries=percentiles("livetranslate_durable_lag_seconds"),
        unit="s",
    ),
    Panel(
        title="Duration of a write",
        description="One write of a batch of records.",
        queries=percentiles("livetranslate_store_write_duration_seconds"),
        unit="s",
    ),
    Panel(
        title="Writes",
        description="Batches written, by outcome.",
        queries={"{{outcome}}": per_second("livetranslate_store_write_duration_seconds_count", by="outcome")},
        unit="ops",
    ),
    Panel(
        title="Records in a write",
        description="Batches grow with the load: that is what keeps the database at ease.",
        queries=percentiles("livetranslate_store_write_size"),
    ),
    Panel(
        title="Connections to the database",
        description="Open ones by state, and how many there may be, over all replicas.",
        queries={
            "{{state}}": total("livetranslate_database_connections", by="state"),
            "of": total("livetranslate_database_connection_limit"),
        },
        width=12,
    ),
    Panel(
        title="Wait for a connection",
        description="Whoever wants a connection when all are used waits.",
        queries=percentiles("livetranslate_database_connection_wait_seconds"),
        unit="s",
        width=12,
    ),
)

_DEPENDENCIES = (
    Panel(
        title="Breakers",
        description="asr, mt, tts or the database are being left alone for a moment, because calls to them fail.",
        queries={"{{dependency}}": highest("livetranslate_breaker_state", 'job="gateway"', by="dependency")},
        states={0: "closed", 1: "half-open", 2: "open"},
        limit=1,
        width=12,
    ),
    Panel(
        title="Breakers opened",
        description="How often a dependency was given up for a moment.",
        queries={
            "{{dependency}}": per_second("livetranslate_breaker_openings_total", 'job="gateway"', by="dependency")
        },
        unit="ops",
        width=12,
    ),
)

DASHBOARD = Dashboard(
    "gateway",
    "LiveTranslate / gateway and store",
    "Sessions by replica, and how fast their results become durable.",
    {
        "Sessions": _SESSIONS,
        "Replicas": replicas("gateway"),
        "Store": _STORE,
        "Dependencies": _DEPENDENCIES,
    },
)
