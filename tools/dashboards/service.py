"""What whoever is called at night looks at first."""

from tools.dashboards.grafana import Dashboard, Panel
from tools.dashboards.promql import highest, per_second, percentile, percentiles, total

COMMIT_LAG_LIMIT_SECONDS = 3
DEGRADATIONS = {0: "none", 1: "wider steps", 2: "no drafts", 3: "no partial text"}

_NOW = (
    Panel(
        title="Sessions",
        description="Sessions that run, over all gateways.",
        queries={"sessions": total("livetranslate_session_active")},
        kind="stat",
        width=4,
    ),
    Panel(
        title="Viewers",
        description="Viewers that follow sessions, over all gateways.",
        queries={"viewers": total("livetranslate_viewer_active")},
        kind="stat",
        width=4,
    ),
    Panel(
        title="Commit lag, p95",
        description="How late newly committed words are told: 95 % come sooner.",
        queries={"p95": percentile(95, "livetranslate_commit_lag_seconds")},
        unit="s",
        kind="stat",
        width=4,
        limit=COMMIT_LAG_LIMIT_SECONDS,
    ),
    Panel(
        title="Refused",
        description="Sessions refused in a second, for whatever reason.",
        queries={"refused": f"{per_second('livetranslate_session_refusals_total')} or vector(0)"},
        unit="ops",
        kind="stat",
        width=4,
    ),
    Panel(
        title="Degradation",
        description="What the gateway that is worst off leaves out for its running sessions.",
        queries={"degradation": highest("livetranslate_degradation")},
        kind="stat",
        width=4,
        limit=1,
        states=DEGRADATIONS,
    ),
    Panel(
        title="Alerts",
        description="Alerts that fire now; each has a runbook.",
        queries={
            "firing": 'count(ALERTS{namespace=~"$namespace", alertname=~"LiveTranslate.+", alertstate="firing"})'
            " or vector(0)"
        },
        kind="stat",
        width=4,
        limit=1,
    ),
)

_LATENESS = (
    Panel(
        title="Commit lag",
        description="From receiving the audio of newly committed words to telling them. The line is the objective.",
        queries=percentiles("livetranslate_commit_lag_seconds"),
        unit="s",
        limit=COMMIT_LAG_LIMIT_SECONDS,
    ),
    Panel(
        title="Lag of finals, p95",
        description="From receiving the end of a final result's audio to telling it: transcript, translation, speech.",
        queries={
            "{{result}}": percentile(
                95, "livetranslate_result_lag_seconds", 'livetranslate_segment_is_final="true"', by="result"
            )
        },
        unit="s",
    ),
    Panel(
        title="Where the time goes, p95",
        description="What each hop says that it has taken for a final result. A model is a hop of its own.",
        queries={"{{hop}}": percentile(95, "livetranslate_hop_duration_seconds", by="hop")},
        unit="s",
    ),
    Panel(
        title="Lag of partial results, p95",
        description="As for finals. These may be left out under pressure.",
        queries={
            "{{result}}": percentile(
                95, "livetranslate_result_lag_seconds", 'livetranslate_segment_is_final="false"', by="result"
            )
        },
        unit="s",
    ),
    Panel(
        title="Durable lag",
        description="From making a result final to its being in the database. Clients keep their audio until then.",
        queries=percentiles("livetranslate_durable_lag_seconds"),
        unit="s",
    ),
    Panel(
        title="Event loop delay, p95",
        description="How late each service comes to what is due: the first sign of too little CPU.",
        queries={"{{job}}": percentile(95, "livetranslate_event_loop_delay_seconds", by="job")},
        unit="s",
        limit=0.1,
    ),
)

_SESSIONS = (
    Panel(
        title="Sessions by gateway",
        description="Sessions that run.",
        queries={"{{instance}}": total("livetranslate_session_active", by="instance")},
        stacked=True,
    ),
    Panel(
        title="Begun",
        description="Sessions that began: new ones, and ones that were resumed after their stream broke.",
        queries={"{{opening}}": per_second("livetranslate_session_openings_total", by="opening")},
        unit="ops",
    ),
    Panel(
        title="Refused",
        description="Sessions that were refused, by reason.",
        queries={"{{reason}}": per_second("livetranslate_session_refusals_total", by="reason")},
        unit="ops",
    ),
    Panel(
        title="Ended",
        description="Sessions that ended here. A suspended one goes on at another gateway when it is resumed.",
        queries={"{{state}}": per_second("livetranslate_session_endings_total", by="state")},
        unit="ops",
    ),
    Panel(
        title="Audio received",
        description="Seconds of audio in a second: as many as there are sessions that send in real time.",
        queries={"{{instance}}": per_second("livetranslate_audio_received_seconds_total", by="instance")},
        unit="short",
        stacked=True,
    ),
    Panel(
        title="Viewers by gateway",
        description="Viewers that follow sessions.",
        queries={"{{instance}}": total("livetranslate_viewer_active", by="instance")},
        stacked=True,
    ),
)

_LOSSES = (
    Panel(
        title="Notices",
        description="What clients were told is amiss, by code. RECOGNITION_FAILED, TRANSLATION_FAILED, SYNTHESIS_FAILED"
        " and AUDIO_LOST: something is missing for good.",
        queries={"{{code}}": per_second("livetranslate_notices_total", by="code")},
        unit="ops",
    ),
    Panel(
        title="Left out",
        description="What gave way to something newer, by service and reason. Never anything final.",
        queries={"{{job}} {{reason}}": per_second("livetranslate_drops_total", by="job, reason")},
        unit="ops",
    ),
    Panel(
        title="Degradation by gateway",
        description="What a gateway leaves out for its running sessions.",
        queries={"{{instance}}": highest("livetranslate_degradation", by="instance")},
        states=DEGRADATIONS,
        limit=1,
    ),
    Panel(
        title="Replicas that answer",
        description="Processes that let Prometheus read their metrics, by tier.",
        queries={
            "{{job}}": 'sum by (job) (up{namespace=~"$namespace", job=~"gateway|asr|mt|tts|triton|keeper"})',
        },
    ),
    Panel(
        title="Breakers",
        description="Dependencies that are being left alone for a moment, because calls to them fail.",
        queries={"{{job}} → {{dependency}}": highest("livetranslate_breaker_state", by="job, dependency")},
        states={0: "closed", 1: "half-open", 2: "open"},
        limit=1,
    ),
    Panel(
        title="Repeated calls",
        description="Calls that were repeated because a dependency failed.",
        queries={"{{job}} → {{dependency}}": per_second("livetranslate_retries_total", by="job, dependency")},
        unit="ops",
    ),
)

DASHBOARD = Dashboard(
    "service",
    "LiveTranslate",
    "How late the captions are, who is refused, and what is missing.",
    {
        "Now": _NOW,
        "How late it is": _LATENESS,
        "Sessions": _SESSIONS,
        "What is left out, and what goes wrong": _LOSSES,
    },
)
