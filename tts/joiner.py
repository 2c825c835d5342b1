"""Small pieces of speech joined to larger ones."""

from tts.utterance import Sound


class Joiner:
    """The pieces of one utterance: the first goes at once, the others when there is enough of them."""

    def __init__(self, least_bytes: int) -> None:
        """Start a new utterance; later pieces are at least `least_bytes` long."""
        self._least_bytes = least_bytes
        self._is_first = True
        self._waiting = bytearray()
        self._newest = Sound(b"")

    def add(self, sound: Sound) -> Sound | None:
        """Take the next piece; returns what is to be sent now."""
        self._waiting += sound.samples
        self._newest = sound
        if not self._waiting or (not self._is_first and len(self._waiting) < self._least_bytes):
            return None
        return self.rest()

    def rest(self) -> Sound:
        """What has not been sent yet; it may be nothing."""
        samples = bytes(self._waiting)
        self._waiting.clear()
        self._is_first = False
        return Sound(samples, self._newest.model_seconds, self._newest.traceparent)
