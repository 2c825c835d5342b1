"""The panels that every tier has."""

from collections.abc import Sequence

from tools.dashboards.grafana import Panel
from tools.dashboards.promql import highest, mean, per_second, percentile, total

LOOP_DELAY_LIMIT_SECONDS = 0.1
QUEUE_WAIT_LIMIT_SECONDS = 0.5

_MODEL = "livetranslate_model"


def replicas(job: str) -> Sequence[Panel]:
    """How busy each replica of a service is."""
    only = f'job="{job}"'
    return (
        Panel(
            title="Streams",
            description="Streams that run, by replica. Uneven ones even out as sessions end and begin.",
            queries={"{{instance}}": total("livetranslate_stream_active", only, by="instance")},
        ),
        Panel(
            title="Event loop delay",
            description="How late 5 % of what was due was begun. Above the line this replica needs more CPU.",
            queries={"{{instance}}": percentile(95, "livetranslate_event_loop_delay_seconds", only, by="instance")},
            unit="s",
            limit=LOOP_DELAY_LIMIT_SECONDS,
        ),
        Panel(
            title="Waiting in queues",
            description="What waits, by queue. Each queue is bounded; one that only grows has a slow reader.",
            queries={"{{queue}}": total("livetranslate_queue_depth", only, by="queue")},
        ),
        Panel(
            title="CPU",
            description="Cores in use, by replica. An event loop uses one core at most.",
            queries={"{{instance}}": per_second("process_cpu_seconds_total", only, by="instance")},
        ),
        Panel(
            title="Memory",
            description="Resident memory, by replica. It follows the streams, not how long they last.",
            queries={"{{instance}}": total("process_resident_memory_bytes", only, by="instance")},
            unit="bytes",
        ),
        Panel(
            title="Left out",
            description="What gave way to something newer, by reason. Never anything final.",
            queries={"{{reason}}": per_second("livetranslate_drops_total", only, by="reason")},
            unit="ops",
        ),
    )


def models(job: str) -> Sequence[Panel]:
    """What a service sees of its models."""
    only = f'job="{job}"'
    requests = "livetranslate_model_request_duration_seconds"
    return (
        Panel(
            title="Requests",
            description="Requests to models, by model and outcome.",
            queries={
                "{{livetranslate_model}} {{outcome}}": per_second(f"{requests}_count", only, by=f"{_MODEL}, outcome")
            },
            unit="reqps",
        ),
        Panel(
            title="Duration",
            description="From sending a request to its answer, or the first of several, by model.",
            queries={
                "p50 {{livetranslate_model}}": percentile(50, requests, only, by=_MODEL),
                "p95 {{livetranslate_model}}": percentile(95, requests, only, by=_MODEL),
            },
            unit="s",
        ),
        Panel(
            title="Wait in Triton's queue",
            description="How long requests waited in the last seconds. Above the line new sessions are refused.",
            queries={"{{livetranslate_model}}": highest("livetranslate_queue_wait_seconds", only, by=_MODEL)},
            unit="s",
            limit=QUEUE_WAIT_LIMIT_SECONDS,
        ),
        Panel(
            title="Mean duration by outcome",
            description="What refused and failed requests took beside those that were answered.",
            queries={"{{outcome}}": mean(requests, only, by="outcome")},
            unit="s",
        ),
        Panel(
            title="Repeated calls",
            description="Calls that were repeated because a dependency failed.",
            queries={"{{dependency}}": per_second("livetranslate_retries_total", only, by="dependency")},
            unit="ops",
        ),
        Panel(
            title="Breakers",
            description="Whether calls to a dependency go through. An open breaker tries again every half second.",
            queries={"{{dependency}}": highest("livetranslate_breaker_state", only, by="dependency")},
            states={0: "closed", 1: "half-open", 2: "open"},
            limit=1,
        ),
    )
