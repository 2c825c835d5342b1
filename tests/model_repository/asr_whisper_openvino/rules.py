"""A vocabulary of ten words, as small as a Whisper's can be."""

from typing import Any

from livetranslate.engine.whisper_text import SpecialTokens
from tests.model_repository.loading import load_sibling

ov_rules = load_sibling("asr_whisper_openvino", "ov_rules")

END, START, ENGLISH, SPANISH, TRANSLATE, TRANSCRIBE, PREVIOUS, NO_SPEECH, NO_TIMES, FIRST_TIME = range(10, 20)
SIZE = FIRST_TIME + 1_501

SPECIAL = SpecialTokens(END, START, PREVIOUS, TRANSCRIBE, NO_SPEECH, NO_TIMES, {"en": ENGLISH, "es": SPANISH})


def rules(**changes: Any) -> Any:
    """Rules with timestamps, under which word 9 is never chosen and word 8 never first."""
    values: dict[str, Any] = {
        "special": SPECIAL,
        "languages": {"en": ENGLISH, "es": SPANISH},
        "suppressed": (9, NO_SPEECH, NO_TIMES),
        "suppressed_first": (8,),
        "alignment_heads": (),
        "has_timestamps": True,
        "last_start": FIRST_TIME + 50,
        "max_tokens": 448,
        "is_multilingual": True,
    }
    return ov_rules.Rules(**{**values, **changes})
