"""Where speech starts and ends, from the probability of speech in each frame.

Two thresholds keep a voice that wavers in one piece: speech starts above the upper one and goes on until it has been
below the lower one for a while. Once a stretch is long, whoever goes on after a breath begins the next one. Without a
breath it is cut, in the last resort, at the calmest place of its last part. What comes after a cut is read again, as
the beginning of the next stretch.

Music has tones that seem to be speech for a moment. A voice is surely one once the evidence for it, in a row, has
reached a bound: the sum of how far probabilities lie above the threshold, never below zero. It is the cumulative sum
test of Page, "Continuous Inspection Schemes" (Biometrika 1954).
"""

from dataclasses import dataclass
from enum import Enum, auto

FRAME_SAMPLES = 512  # 32 ms: what the Silero model takes

_MAX_CALM_SAMPLES = 3 * 16_000  # speech has breaks between words within three seconds; more would hold back captions


@dataclass(frozen=True, slots=True)
class EndpointOptions:
    """When speech starts and ends; times in samples, all of them whole frames."""

    start_threshold: float = 0.5
    stop_threshold: float = 0.35
    start_frames: int = 2  # 64 ms: a click is shorter
    pre_roll_samples: int = 9 * FRAME_SAMPLES  # 288 ms before: soft consonants come before the model is sure
    pause_samples: int = 16 * FRAME_SAMPLES  # 512 ms: between sentences, not between words
    breath_samples: int = 4 * FRAME_SAMPLES  # 128 ms: a breath, where a long segment is cut
    max_samples: int = 625 * FRAME_SAMPLES  # 20 s: longer captions cannot be followed
    post_roll_samples: int = 6 * FRAME_SAMPLES  # 192 ms after the last sure frame: endings fade
    sure_evidence: float = 2.25  # 5 frames of certain speech; speech gets there in 0.2 s, tones once an hour

    @property
    def doubt(self) -> float:
        """The probability above which a frame speaks for a voice: who lowers the threshold trusts quiet voices."""
        return min(self.start_threshold, 0.5)

    @property
    def long_samples(self) -> int:
        """The length from which on a breath cuts: 12 of 20 s."""
        return self.max_samples * 3 // 5

    @property
    def calm_samples(self) -> int:
        """The last part of the longest segment, where the calmest place is looked for."""
        return min(self.max_samples // 4, _MAX_CALM_SAMPLES)


class SegmentEnd(Enum):
    """Why a segment ended where it did."""

    PAUSE = auto()
    MAX_DURATION = auto()  # it became long: the speaker goes on after a breath, or after the calmest place
    FLUSH = auto()
    AUDIO_END = auto()


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of speech in samples since the session's first; the end is exclusive."""

    start_sample: int
    end_sample: int
    end: SegmentEnd


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
        self._evidence = 0.0  # for a voice
        self._probability = 0.0  # of the last frame read
        self._calmest = 0.0  # the sum of the probabilities on both sides of `cut_sample`
        self.speaking_from: int | None = None  # the first sample of the stretch that is going on, if any
        self.sure_sample: int | None = None  # from where on it is surely a voice
        self.cut_sample: int | None = None  # where the stretch that is going on will be cut if it does not end before

    def receive_probability(self, probability: float) -> Stretch | None:
        """Read the next frame; returns the stretch that ends with it, if one does.

        Afterwards the next frame to read is that at `position`, which may be one read before.
        """
        self._position += FRAME_SAMPLES
        self._evidence = max(0.0, self._evidence + probability - self._options.doubt)
        if self.speaking_from is None:
            self._look_for_start(probability)
            return None
        self._look_for_voice()
        if probability >= self._options.stop_threshold:
            if self._has_taken_breath(self.speaking_from):
                self._position -= FRAME_SAMPLES
                return self.end_here(SegmentEnd.MAX_DURATION)
            self._last_speech = self._position
        self._look_for_cut(self.speaking_from, probability)
        if self._position - self._last_speech >= self._options.pause_samples:
            return self.end_here(SegmentEnd.PAUSE)
        is_too_long = self._position - self.speaking_from >= self._options.max_samples
        return self._cut(self.speaking_from) if is_too_long else None

    def end_here(self, end: SegmentEnd) -> Stretch | None:
        """End the stretch that is going on, if any, at the last frame read."""
        if self.speaking_from is None:
            return None
        return self._end(self.speaking_from, self._speech_until, end)

    @property
    def position(self) -> int:
        """Where the next frame to read begins."""
        return self._position

    @property
    def is_silent(self) -> bool:
        """Whether no stretch is going on, and none may just have begun: `silent_until` is all there is to remember."""
        return self.speaking_from is None and not self._run

    @property
    def heard_until(self) -> int:
        """The sample up to which the last stretch goes in any case."""
        return self._speech_until if self.cut_sample is None else min(self._speech_until, self.cut_sample)

    @property
    def silent_until(self) -> int:
        """The sample before which no stretch that is still to come can start."""
        margin = self._options.pre_roll_samples + self._run * FRAME_SAMPLES
        silent_until = max(self._earliest, self._position - margin)
        return silent_until if self.cut_sample is None else min(silent_until, self.cut_sample)

    @property
    def _speech_until(self) -> int:
        return min(self._last_speech + self._options.post_roll_samples, self._position)

    def _look_for_start(self, probability: float) -> None:
        self._run = self._run + 1 if probability >= self._options.start_threshold else 0
        self._evidence *= self._run > 0
        if self._run < self._options.start_frames:
            return
        first = self._position - self._run * FRAME_SAMPLES
        self.speaking_from = max(first - self._options.pre_roll_samples, self._earliest)
        self._last_speech = self._position
        self._probability = probability
        self._look_for_voice()

    def _look_for_voice(self) -> None:
        if self.sure_sample is None and self._evidence >= self._options.sure_evidence:
            self.sure_sample = self._position

    def _has_taken_breath(self, start_sample: int) -> bool:
        """Whether a stretch is long and the speaker paused before the frame that is being read."""
        before = self._position - FRAME_SAMPLES
        is_long = before - start_sample >= self._options.long_samples
        return is_long and before - self._last_speech >= self._options.breath_samples

    def _look_for_cut(self, start_sample: int, probability: float) -> None:
        """Keep the calmest place so far, of equals the last: whatever comes, no cut will lie before it."""
        place = self._position - FRAME_SAMPLES
        calm = self._probability + probability
        self._probability = probability
        earliest = start_sample + self._options.max_samples - self._options.calm_samples
        if place >= earliest and (self.cut_sample is None or calm <= self._calmest):
            self.cut_sample, self._calmest = place, calm

    def _cut(self, start_sample: int) -> Stretch:
        """End a stretch that is too long at its calmest place; if somebody speaks there, what follows is read again."""
        end_sample = self.heard_until
        if end_sample < self._speech_until:
            self._position = end_sample
        return self._end(start_sample, end_sample, SegmentEnd.MAX_DURATION)

    def _end(self, start_sample: int, end_sample: int, end: SegmentEnd) -> Stretch:
        self.speaking_from = self.sure_sample = self.cut_sample = None
        self._earliest = end_sample
        self._run = 0
        self._evidence = 0.0
        return Stretch(start_sample, end_sample, end)
