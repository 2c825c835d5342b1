import numpy as np
import pytest
from tritonclient.grpc import service_pb2

from livetranslate.errors import InternalError
from livetranslate.tensors import Array, Value, add_input, read_outputs, read_text, reading_answer


def there_and_back(value: Value) -> Array | list[bytes]:
    """A value as an input of a request, read as if it were an output."""
    request = service_pb2.ModelInferRequest()
    add_input(request, "X", value)
    response = service_pb2.ModelInferResponse(raw_output_contents=request.raw_input_contents)
    (tensor,) = request.inputs
    assert tensor.shape[0] == 1
    response.outputs.add(name="X", datatype=tensor.datatype, shape=tensor.shape)
    return read_outputs(response)["X"]


@pytest.mark.parametrize("kind", [np.int16, np.int32, np.uint64, np.float32, np.bool_])
def test_arrays_travel(kind: type[np.generic]) -> None:
    """Arrays of each kind come back as they were."""
    value = np.array([0, 1, 1, 0]).astype(kind)
    back = there_and_back(value)
    assert isinstance(back, np.ndarray)
    assert back.dtype == kind
    np.testing.assert_array_equal(back, value)


@pytest.mark.parametrize("value", [[], [b""], ["año", b"\x00\xff", "x" * 1000]])
def test_strings_travel(value: list[str | bytes]) -> None:
    """Texts and bytes come back as bytes, empty ones and any length among them."""
    assert there_and_back(value) == [text.encode() if isinstance(text, str) else text for text in value]


@pytest.mark.parametrize(
    ("value", "text"), [("año".encode(), "año"), (b"a\xc3", "a\ufffd"), (b"a\0b", "ab"), (b"", "")]
)
def test_a_text_is_one_that_can_be_stored(value: bytes, text: str) -> None:
    """A character that a model has cut in two is told as such, and a NUL is left out."""
    assert read_text(value) == text


def test_a_kind_without_a_tensor_is_refused() -> None:
    """An array of a kind that Triton is not sent is our own mistake, and shows at once."""
    with pytest.raises(KeyError):
        there_and_back(np.array([1j]))


@pytest.mark.parametrize("outputs", [{}, {"TEXT": []}])
def test_an_answer_that_lacks_something_is_the_model_s_fault(outputs: dict[str, list[bytes]]) -> None:
    """An output that is not there, or is empty, is an error that names the model."""
    with pytest.raises(InternalError, match="'mt_x'") as raised, reading_answer("mt_x"):
        read_text(outputs["TEXT"][0])
    assert raised.value.reason == "MODEL_ANSWER_INVALID"
