from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint

from livetranslate import names
from livetranslate.keeper.memory import ModelMemory, Refusal
from livetranslate.keeper.metrics import KeeperMetrics
from livetranslate.keeper.place import ModelState


def measured(reader: InMemoryMetricReader) -> dict[tuple[str, str], float]:
    """The newest values, by metric and by model or reason."""
    data = reader.get_metrics_data()
    assert data is not None
    values: dict[tuple[str, str], float] = {}
    for metric in data.resource_metrics[0].scope_metrics[0].metrics:
        for point in metric.data.data_points:
            attributes = point.attributes or {}
            label = str(attributes.get(names.MODEL, attributes.get(names.REASON, "")))
            values[metric.name, label] = point.value if isinstance(point, NumberDataPoint) else point.count
    return values


def test_memory_models_and_refusals_are_measured() -> None:
    """What is loaded, what may be, how each model stands, and what was done and refused."""
    reader = InMemoryMetricReader()
    metrics = KeeperMetrics(MeterProvider([reader]).get_meter("test"))
    memory = ModelMemory(budget_bytes=100, stay_seconds=0)
    memory.receive_models({"mt_a": 60, "mt_b": 60})
    memory.receive_triton({"mt_a": ModelState.READY}, 0)
    memory.receive_need("x", ["mt_a"], 0)
    metrics.show(memory)
    metrics.count_load("mt_a", 2.5)
    metrics.count_unload("mt_b")
    metrics.count_refusal(Refusal("mt_b", "MODEL_MEMORY_FULL", ""))
    metrics.count_refusal(Refusal("what a caller wrote", "MODEL_NOT_FOUND", ""))
    assert measured(reader) == {
        (names.KEEPER_MEMORY, ""): 60,
        (names.KEEPER_BUDGET, ""): 100,
        (names.KEEPER_MODEL_STATE, "mt_a"): 3,
        (names.KEEPER_MODEL_STATE, "mt_b"): 1,
        (names.KEEPER_MODEL_HOLDERS, "mt_a"): 1,
        (names.KEEPER_MODEL_HOLDERS, "mt_b"): 0,
        (names.KEEPER_LOAD_DURATION, "mt_a"): 1,
        (names.KEEPER_UNLOADS, "mt_a"): 0,
        (names.KEEPER_UNLOADS, "mt_b"): 1,
        (names.KEEPER_REFUSALS, "mt_b"): 1,
        (names.KEEPER_REFUSALS, "MODEL_NOT_FOUND"): 1,
    }
