"""Where speech starts and ends, from the probability of speech in each frame.

Two thresholds keep a voice that wavers in one piece: speech starts above the upper one and goes on until it has been
below the lower one for a while. The longer a segment gets, the shorter the pause at which it is cut, so that a
monologue is cut at a breath and only in the last resort in a word.
"""

from dataclasses import dataclass

FRAME_SAMPLES = 512  # 32 ms: what the Silero model takes


@dataclass(frozen=True, slots=True)
class EndpointOptions:
    """When speech starts and ends; times in samples."""

    start_threshold: float = 0.5
    stop_threshold: float = 0.35
    start_frames: int = 2  # 64 ms: a click is shorter
    pre_roll_samples: int = 9 * FRAME_SAMPLES  # 288 ms before: soft consonants come before the model is sure
    pause_samples: int = 16 * FRAME_SAMPLES  # 512 ms: between sentences, not between words
    short_pause_samples: int = 4 * FRAME_SAMPLES  # 128 ms: a breath, enough once a segment is long
    long_samples: int = 12 * 16_000  # captions of more than 12 s are hard to follow
    max_samples: int = 20 * 16_000
    post_roll_samples: int = 6 * FRAME_SAMPLES  # 192 ms after the last sure frame: endings fade


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of speech in samples since the session's first; `end_sample` is None while it goes on."""

    start_sample: int
    end_sample: int | None = None


class Endpointer:
    """Reads probabilities frame by frame and keeps the stretch of speech that is going on."""

    def __init__(self, options: EndpointOptions, earliest_sample: int = 0, start_sample: int | None = None) -> None:
        """Begin at a sample that is a frame's first.

        Args:
            options: When speech starts and ends.
            earliest_sample: No stretch starts before it.
            start_sample: Where the first frame to come begins, if later. What lies between is known to be silent.
        """
        self._options = options
        self._position = earliest_sample if start_sample is None else start_sample  # the end of the last frame read
        self._earliest = earliest_sample  # later the end of the stretch before
        self._run = 0  # frames in a row that may be the start of speech
        self._last_speech = self._position  # the end of the last frame that was speech
        self.current: Stretch | None = None

    def receive_probability(self, probability: float) -> Stretch | None:
        """Read the next frame; returns the stretch that ends with it, if one does."""
        self._position += FRAME_SAMPLES
        if self.current is None:
            self._look_for_start(probability)
            return None
        if probability >= self._options.stop_threshold:
            self._last_speech = self._position
        length = self._position - self.current.start_sample
        pause = (
            self._options.pause_samples if length < self._options.long_samples else self._options.short_pause_samples
        )
        if self._position - self._last_speech >= pause or length >= self._options.max_samples:
            return self.end_here()
        return None

    def end_here(self) -> Stretch | None:
        """End the stretch that is going on, if any, at the last frame read."""
        if self.current is None:
            return None
        ended = Stretch(self.current.start_sample, self.heard_until)
        self.current = None
        self._earliest = self.heard_until
        self._run = 0
        return ended

    @property
    def is_silent(self) -> bool:
        """Whether no stretch is going on, and none may just have begun: `silent_until` is all there is to remember."""
        return self.current is None and not self._run

    @property
    def heard_until(self) -> int:
        """The sample up to which the last stretch goes in any case."""
        return min(self._last_speech + self._options.post_roll_samples, self._position)

    @property
    def silent_until(self) -> int:
        """The sample before which no stretch that is still to come can start."""
        margin = self._options.pre_roll_samples + self._run * FRAME_SAMPLES
        return max(self._earliest, self._position - margin)

    def _look_for_start(self, probability: float) -> None:
        self._run = self._run + 1 if probability >= self._options.start_threshold else 0
        if self._run < self._options.start_frames:
            return
        first = self._position - self._run * FRAME_SAMPLES
        self.current = Stretch(max(first - self._options.pre_roll_samples, self._earliest))
        self._last_speech = self._position
