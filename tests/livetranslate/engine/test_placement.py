import json
import os

from livetranslate.engine.placement import placement


def arguments(kind: str, count: int) -> dict[str, str]:
    """As Triton hands them to a model."""
    config = {
        "parameters": {"weights": {"string_value": "/models/some"}},
        "instance_group": [{"count": count}],
    }
    return {"model_config": json.dumps(config), "model_instance_kind": kind, "model_instance_device_id": "2"}


def test_instances_share_the_cores() -> None:
    """Each may use its part of those that this process may use."""
    place = placement(arguments("CPU", 1))
    assert (place.device, place.device_index) == ("cpu", 0)
    assert place.threads == len(os.sched_getaffinity(0))
    assert placement(arguments("CPU", 1_000)).threads == 1


def test_an_instance_has_the_gpu_that_triton_gave_it() -> None:
    """Its number is that of the device."""
    place = placement(arguments("GPU", 1))
    assert (place.device, place.device_index) == ("cuda", 2)
    assert str(place.weights) == "/models/some"
