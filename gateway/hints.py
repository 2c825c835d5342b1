"""Which growing texts mt is told: all that is committed, and of tails that may still change one now and then.

A tail is a hint for a draft, and mt makes at most two of those a second. asr tells four texts a second: to send each of
them on would cost two services a message for nothing.
"""

from gateway.events import Transcript

INTERVAL_SECONDS = 0.4  # between two tails: with steps of 256 ms every second one, as new as mt can use


class Hints:
    """Chooses for one session."""

    def __init__(self) -> None:
        """Have told nothing."""
        self._told = ("", "")  # the segment and what was committed of it
        self._next_at = 0.0

    def is_worth_telling(self, transcript: Transcript, now: float) -> bool:
        """Whether mt could do something with a text that has not been told yet, at a time in seconds."""
        committed = (transcript.segment_id, transcript.committed_text)
        if committed == self._told and now < self._next_at and not transcript.is_final:
            return False
        self._told, self._next_at = committed, now + INTERVAL_SECONDS
        return True
