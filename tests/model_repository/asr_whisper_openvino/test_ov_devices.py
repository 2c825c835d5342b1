import pytest

from tests.model_repository.loading import load_sibling

ov_devices = load_sibling("asr_whisper_openvino", "ov_devices")
choose_devices = ov_devices.choose_devices


@pytest.mark.parametrize(
    ("preference", "available", "encoder", "decoder"),
    [
        ("AUTO:NPU,GPU,CPU", ["CPU"], "CPU", "CPU"),
        ("AUTO:NPU,GPU,CPU", ["CPU", "GPU"], "GPU", "GPU"),
        ("AUTO:NPU,GPU,CPU", ["CPU", "GPU", "NPU"], "NPU", "GPU"),
        ("AUTO:NPU,GPU,CPU", ["CPU", "NPU"], "NPU", "CPU"),
        ("AUTO:NPU,GPU,CPU", ["CPU", "GPU.0", "GPU.1"], "GPU.0", "GPU.0"),
        ("AUTO", ["CPU", "GPU"], "GPU", "GPU"),
        ("", ["CPU", "GPU"], "GPU", "GPU"),
        ("GPU.1", ["CPU", "GPU.0", "GPU.1"], "GPU.1", "GPU.1"),
        (" cpu ", ["CPU", "GPU", "NPU"], "CPU", "CPU"),
        ("NPU", ["CPU", "GPU", "NPU"], "NPU", "GPU"),
        ("NPU, CPU", ["CPU", "GPU", "NPU"], "NPU", "CPU"),
        ("AUTO:CPU,GPU", ["CPU", "GPU"], "CPU", "CPU"),
    ],
)
def test_the_first_that_is_there_is_taken(preference: str, available: list[str], encoder: str, decoder: str) -> None:
    """In the order asked for; an NPU, which takes fixed shapes only, leaves the decoder to the next one."""
    assert choose_devices(preference, available) == ov_devices.Devices(encoder, decoder)


@pytest.mark.parametrize("preference", ["GPU", "GPU.1", "NPU", "TPU", "AUTO:NPU,GPU"])
def test_a_device_that_is_not_there_is_said_to_be_missing(preference: str) -> None:
    """The error says what there is, and what to set."""
    with pytest.raises(ValueError, match="finds only CPU here; set LIVETRANSLATE_OPENVINO_DEVICE"):
        choose_devices(preference, ["CPU"])


def test_an_npu_hears_one_window_at_a_time() -> None:
    """What runs on it is compiled for one; everything else takes batches."""
    assert not choose_devices("NPU", ["CPU", "NPU"]).takes_batches
    assert choose_devices("GPU", ["CPU", "GPU"]).takes_batches
