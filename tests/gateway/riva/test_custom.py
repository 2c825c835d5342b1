"""Our options in Riva's configuration."""

import pytest

from gateway.riva.custom import CustomOptions, custom_options
from livetranslate.errors import InvalidArgumentError


def test_unknown_keys_are_passed_over() -> None:
    """NVIDIA's clients send keys of their own."""
    assert custom_options({"test_key": "test_value"}) == CustomOptions()


def test_all_keys_are_read() -> None:
    """Each has its field."""
    custom = {
        "title": "Talk",
        "glossary": "en\tes",
        "session_id": "s",
        "resume_token": "t",
        "audio_offset_seconds": "12.5",
        "answer_each_chunk": "True",
    }
    assert custom_options(custom) == CustomOptions("Talk", "en\tes", "s", "t", 12.5, answers_each_chunk=True)


@pytest.mark.parametrize("offset", ["soon", "-1", "nan", "inf", "1e99", ""])
def test_an_offset_is_a_time(offset: str) -> None:
    """Anything else is refused."""
    with pytest.raises(InvalidArgumentError, match=r"e\.g\. 12\.5"):
        custom_options({"audio_offset_seconds": offset})
