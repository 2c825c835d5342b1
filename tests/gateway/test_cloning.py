"""Who may be imitated."""

import pytest

from gateway.cloning import check_cloning
from gateway.events import Target
from livetranslate.errors import InvalidArgumentError

SPEAKER = [Target("es", speech=True), Target("fr", speech=True, voice="speaker")]


@pytest.mark.parametrize(
    ("has_consent", "is_allowed", "reason", "what_to_do"),
    [
        (False, True, "CONSENT_REQUIRED", "`config.voice_cloning_consent`"),
        (True, False, "VOICE_CLONING_OFF", "LIVETRANSLATE_GATEWAY_VOICE_CLONING=true"),
        (False, False, "VOICE_CLONING_OFF", "another voice"),
    ],
)
def test_nobody_is_imitated_against_their_will(
    has_consent: bool, is_allowed: bool, reason: str, what_to_do: str
) -> None:
    """It takes both the speaker and the operator; the error says what to set."""
    with pytest.raises(InvalidArgumentError, match=what_to_do) as raised:
        check_cloning(SPEAKER, has_consent=has_consent, is_allowed=is_allowed)
    assert raised.value.reason == reason


def test_whoever_agrees_may_be_imitated() -> None:
    """And other voices need no consent."""
    check_cloning(SPEAKER, has_consent=True, is_allowed=True)
    check_cloning(SPEAKER[:1], has_consent=False, is_allowed=False)
