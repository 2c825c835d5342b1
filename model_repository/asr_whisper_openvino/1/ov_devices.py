"""Which of a machine's Intel devices runs which part of a model.

The first device of an order of preference that is there is taken, and named exactly. OpenVINO's own choice, `AUTO`,
would answer from the processor until the GPU has compiled the model: the same audio could then give other words after
a restart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

PREFERENCE = "AUTO:NPU,GPU,CPU"
ENVIRONMENT = "LIVETRANSLATE_OPENVINO_DEVICE"


@dataclass(frozen=True, slots=True)
class Devices:
    """Where the two halves of a model run.

    Attributes:
        encoder: Any device.
        decoder: Never an NPU: it takes fixed shapes only, and a decoder's batch and text grow.
    """

    encoder: str
    decoder: str

    @property
    def takes_batches(self) -> bool:
        """Whether the encoder takes several windows at once; what an NPU runs is compiled for one."""
        return not self.encoder.startswith("NPU")


def choose_devices(preference: str, available: Sequence[str]) -> Devices:
    """Which devices to use.

    Args:
        preference: Names in order, e.g. `AUTO:NPU,GPU,CPU`, or one of them, e.g. `GPU.1`; `AUTO` is the default order.
        available: What OpenVINO has found, e.g. `CPU`, `GPU.0`, `GPU.1`, `NPU`.

    Raises:
        ValueError: None of them is there, or something else is asked for.
    """
    _, _, listed = (PREFERENCE if preference.strip().upper() in {"", "AUTO"} else preference).rpartition("AUTO:")
    wanted = [name.strip().upper() for name in listed.split(",") if name.strip()]
    found = [device for name in wanted for device in _named(name, available)]
    if not found:
        raise ValueError(
            f"device {preference!r}: OpenVINO finds only {', '.join(available) or 'nothing'} here; "
            f"set {ENVIRONMENT} to one of these, or to an order such as {PREFERENCE}"
        )
    flexible = [device for device in [*found, *_named("GPU", available), "CPU"] if not device.startswith("NPU")]
    return Devices(encoder=found[0], decoder=flexible[0])


def _named(name: str, available: Sequence[str]) -> list[str]:
    """The devices that a name stands for: `GPU` for `GPU.0` where there are two."""
    return [device for device in available if device == name or device.startswith(f"{name}.")]
