"""The voice that imitates the speaker: only where the operator allows it, and only with the speaker's consent."""

from collections.abc import Iterable
from typing import Final

from gateway.events import Target
from livetranslate.errors import InvalidArgumentError

SPEAKER: Final = "speaker"
"""The voice's name, whichever model it is that imitates."""


def check_cloning(targets: Iterable[Target], *, has_consent: bool, is_allowed: bool) -> None:
    """Check that nobody's voice is imitated who does not want it.

    Args:
        targets: What a session wishes.
        has_consent: Whether its configuration says that the speaker agrees.
        is_allowed: Whether the operator allows it.

    Raises:
        InvalidArgumentError: VOICE_CLONING_OFF or CONSENT_REQUIRED.
    """
    if all(target.voice != SPEAKER for target in targets):
        return
    if not is_allowed:
        message = (
            f"The voice {SPEAKER!r} imitates the one who speaks, and this server imitates nobody. Choose another "
            "voice; an operator can allow it: LIVETRANSLATE_GATEWAY_VOICE_CLONING=true."
        )
        raise InvalidArgumentError("VOICE_CLONING_OFF", message, voice=SPEAKER)
    if not has_consent:
        message = (
            f"The voice {SPEAKER!r} imitates the one who speaks, who has to agree to that. Ask them, and open the "
            "session with `config.voice_cloning_consent`; or choose another voice."
        )
        raise InvalidArgumentError("CONSENT_REQUIRED", message, voice=SPEAKER)
