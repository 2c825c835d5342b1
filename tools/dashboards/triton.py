"""Triton, and the keeper of its memory."""

from tools.dashboards.grafana import Dashboard, Panel
from tools.dashboards.promql import highest, per_second, percentile, total

_KEPT = "livetranslate_model"
_MICROSECONDS = 1e6


def _mean_seconds(counter_us: str) -> str:
    """What a request takes on average, by model; Triton counts microseconds."""
    spent = per_second(counter_us, by="model")
    return f"{spent} / {per_second('nv_inference_request_success', by='model')} / {_MICROSECONDS:g}"


_REQUESTS = (
    Panel(
        title="Answered",
        description="Requests that succeeded, by model.",
        queries={"{{model}}": per_second("nv_inference_request_success", by="model")},
        unit="reqps",
    ),
    Panel(
        title="Failed",
        description="Requests that failed, by model and reason: CANCELED ones were superseded, REJECTED ones found the"
        " queue full or waited too long in it.",
        queries={"{{model}} {{reason}}": per_second("nv_inference_request_failure", by="model, reason")},
        unit="reqps",
    ),
    Panel(
        title="Waiting",
        description="Requests that wait for an instance of the model.",
        queries={"{{model}}": total("nv_inference_pending_request_count", by="model")},
    ),
    Panel(
        title="Time in the queue",
        description="Of a request, on average.",
        queries={"{{model}}": _mean_seconds("nv_inference_queue_duration_us")},
        unit="s",
    ),
    Panel(
        title="Time to compute",
        description="Of a request, on average; it shares its batch with others.",
        queries={"{{model}}": _mean_seconds("nv_inference_compute_infer_duration_us")},
        unit="s",
    ),
    Panel(
        title="Batch size",
        description="Requests that ran together, on average. With load it grows towards the model's preferred size.",
        queries={
            "{{model}}": f"{per_second('nv_inference_count', by='model')}"
            f" / {per_second('nv_inference_exec_count', by='model')}"
        },
    ),
)

_DEVICES = (
    Panel(
        title="GPU in use",
        description="Share of the time in which the GPU computes.",
        queries={"{{gpu_uuid}}": highest("nv_gpu_utilization", by="gpu_uuid")},
        unit="percentunit",
    ),
    Panel(
        title="GPU memory",
        description="In use, and all there is.",
        queries={
            "{{gpu_uuid}} used": highest("nv_gpu_memory_used_bytes", by="gpu_uuid"),
            "{{gpu_uuid}} of": highest("nv_gpu_memory_total_bytes", by="gpu_uuid"),
        },
        unit="bytes",
    ),
    Panel(
        title="CPU in use",
        description="Share of all cores of the machine that Triton runs on, whoever uses them.",
        queries={"{{instance}}": highest("nv_cpu_utilization", by="instance")},
        unit="percentunit",
    ),
)

_KEEPER = (
    Panel(
        title="Memory of the models",
        description="What the models in memory take together, and what they may take.",
        queries={
            "{{instance}} used": total("livetranslate_keeper_memory_bytes", by="instance"),
            "{{instance}} of": total("livetranslate_keeper_budget_bytes", by="instance"),
        },
        unit="bytes",
    ),
    Panel(
        title="Models",
        description="What each model is doing, in the Triton where it is furthest.",
        queries={"{{livetranslate_model}}": highest("livetranslate_keeper_model_state", by=_KEPT)},
        states={1: "unloaded", 2: "loading", 3: "ready", 4: "unloading", 5: "failed"},
        limit=5,
    ),
    Panel(
        title="Holders",
        description="Streams that hold a model; what is held is never unloaded.",
        queries={"{{livetranslate_model}}": total("livetranslate_keeper_model_holders", by=_KEPT)},
    ),
    Panel(
        title="Time to load, p95",
        description="Sessions that need the model wait for it.",
        queries={"{{livetranslate_model}}": percentile(95, "livetranslate_keeper_load_duration_seconds", by=_KEPT)},
        unit="s",
    ),
    Panel(
        title="Unloaded to make room",
        description="Much of this: sessions take turns in loading each other's models, and the budget is too small.",
        queries={"{{livetranslate_model}}": per_second("livetranslate_keeper_unloads_total", by=_KEPT)},
        unit="ops",
    ),
    Panel(
        title="Refused",
        description="Models that could not be had, by reason.",
        queries={
            "{{livetranslate_model}} {{reason}}": per_second(
                "livetranslate_keeper_refusals_total", by=f"{_KEPT}, reason"
            )
        },
        unit="ops",
    ),
)

DASHBOARD = Dashboard(
    "triton",
    "LiveTranslate / Triton",
    "Requests to models as Triton counts them, devices, and the keeper of models that do not all fit into memory.",
    {"Requests": _REQUESTS, "Devices": _DEVICES, "Keeper": _KEEPER},
)
