"""Where a model runs, and what it was given, from the arguments that Triton hands to `initialize`."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one instance of a model runs.

    Attributes:
        parameters: Those of its configuration.
        device: `cpu` or `cuda`.
        device_index: Which GPU.
        threads: How many processor cores it may use.
    """

    parameters: Mapping[str, str]
    device: str
    device_index: int
    threads: int

    @property
    def weights(self) -> Path:
        """The folder of its weights."""
        return Path(self.parameters["weights"])


def placement(args: Mapping[str, str]) -> Placement:
    """Read what Triton hands to `initialize`. On processors the instances of a model share the cores."""
    config = json.loads(args["model_config"])
    parameters = {key: value["string_value"] for key, value in config["parameters"].items()}
    is_gpu = args["model_instance_kind"] == "GPU"
    instances = 1 if is_gpu else sum(group["count"] for group in config["instance_group"])
    threads = max(1, len(os.sched_getaffinity(0)) // instances)
    return Placement(
        parameters, "cuda" if is_gpu else "cpu", int(args["model_instance_device_id"]) if is_gpu else 0, threads
    )
