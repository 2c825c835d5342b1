import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model_repository.loading import load_sibling

apertium_text = load_sibling("mt_apertium", "apertium_text")


@pytest.mark.parametrize("reserved", list("\\[]{}$@<>/"))
def test_reserved_characters_are_escaped(reserved: str) -> None:
    """What means something in the stream format goes through as itself."""
    assert apertium_text.to_stream(reserved) == f"\\{reserved}".encode()


def test_what_would_hang_the_pipeline_is_removed() -> None:
    """No `^` and no NUL reaches the pipeline."""
    assert apertium_text.to_stream("a^b\0c") == b"abc"


@given(st.text())
def test_a_pipeline_that_changes_nothing_gives_the_text_back(text: str) -> None:
    """Reading undoes writing, but for what cannot be sent and the width of spaces."""
    stream = apertium_text.to_stream(text)
    assert b"\0" not in stream
    sendable = text.replace("^", "").replace("\0", "")
    assert apertium_text.from_stream(stream) == " ".join(sendable.split())


def test_a_lone_surrogate_is_replaced() -> None:
    """Text that no encoding can carry still makes a stream."""
    assert apertium_text.to_stream("a\ud800") == b"a?"
