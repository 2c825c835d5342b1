"""The core of one recognition: audio and results in, work and revisions out. It never waits.

The flow, one piece of work at a time:

    audio → frames to classify → probabilities → segments → steps to decode → hypotheses → revisions

How a segment is decoded is the matter of its `Decoding`: partial results and what is committed of them are a function
of the audio alone.

Between segments lie positions: there all that is remembered fits into a `Memory`, and another session that begins with
it gives the same results for the same audio. A segment that fails changes nothing of this: its speech is passed over to
where it ends by itself.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial

from asr.audio_buffer import AudioBuffer, Samples
from asr.decoding import Decoding, NewDecoding, Piece
from asr.endpoint import FRAME_SAMPLES, Endpointer, EndpointOptions, SegmentEnd, Stretch
from asr.hypothesis import Hypothesis
from asr.memory import Memory
from asr.pace import CLOSELY, Pace
from asr.results import Activity, Failure, LanguageChange, Progress, Result, Revision
from asr.sequence_decoding import SequenceDecoding, SequenceOptions
from asr.wording import SegmentWording, Wording, WordingOptions
from livetranslate.samples import SAMPLE_RATE_HERTZ, segment_id

_STEP_BY_STEP: NewDecoding = partial(SequenceDecoding, SequenceOptions())


@dataclass(frozen=True, slots=True)
class AsrOptions:
    """How a session is recognized; times in samples."""

    endpoint: EndpointOptions = field(default_factory=EndpointOptions)
    new_decoding: NewDecoding = _STEP_BY_STEP
    wording: WordingOptions = field(default_factory=WordingOptions)
    classify_frames: int = 3  # 96 ms: as often as audio comes in
    max_classify_frames: int = 64  # 2 s: fast senders must not hold up the thread
    progress_samples: int = SAMPLE_RATE_HERTZ // 2  # between two positions in silence
    max_waiting_samples: int = 30 * SAMPLE_RATE_HERTZ  # then the sender waits


@dataclass(frozen=True, slots=True)
class DecodeStep:
    """The next stretch of a segment's audio for the decoder, from `start_sample` on."""

    segment_start: int
    start_sample: int
    samples: Samples
    is_start: bool
    is_end: bool
    decoder_state: bytes
    prompt: str = ""
    language: str = ""  # what is spoken; empty for a model that is to find out

    @property
    def end_sample(self) -> int:
        """The sample after the last."""
        return self.start_sample + len(self.samples)

    @property
    def piece(self) -> Piece:
        """The piece of the segment that it decodes."""
        return Piece(self.start_sample, self.end_sample, self.is_start, self.is_end, self.prompt)


@dataclass(slots=True)
class _Segment:
    start: int
    decoding: Decoding
    wording: SegmentWording
    decoded_until: int
    told_until: int  # how much of it the newest revision knows
    ended: Stretch | None = None
    sure_sample: int | None = None  # from where on it is surely speech
    position_after: Progress | None = None  # the latest one before the next segment; without the decoder's state yet
    revision_count: int = 0
    shown: tuple[tuple[str, ...], ...] = ((), ())

    @property
    def end_sample(self) -> int | None:
        """Known once the segment has ended."""
        return self.ended.end_sample if self.ended else None

    def is_sure_at(self, sample: int) -> bool:
        """Whether the audio up to a sample is surely speech; who was cut in a sentence need not prove it again."""
        return self.wording.is_continued or (self.sure_sample is not None and self.sure_sample <= sample)

    @property
    def needed_from(self) -> int:
        """Audio before it is not asked for again: all is, until the language is decided."""
        return self.decoding.needed_from if self.wording.decided else self.start


class AsrSession:
    """One session's recognition."""

    def __init__(self, options: AsrOptions, start_sample: int = 0, memory: Memory | None = None) -> None:
        """Begin at a position."""
        memory = memory or Memory()
        self._options = options
        self._audio = AudioBuffer(start_sample)
        self._classified_until = start_sample + memory.classified_samples
        self._classifier_state = memory.classifier_state
        self._cut_state = b""  # the classifier's where the endpointer would cut
        self._decoder_state = memory.decoder_state
        self._wording = Wording(options.wording, start_sample, memory)
        self._endpointer = Endpointer(options.endpoint, start_sample, self._classified_until)
        self._flushes: deque[tuple[int, SegmentEnd]] = deque()
        self._speaking: _Segment | None = None  # the segment of the stretch that is going on, also if it has failed
        self._segments: deque[_Segment] = deque()  # those not final, in order
        self._step: DecodeStep | None = None
        self._results: list[Result] = []
        self._pace = CLOSELY
        self._progress = start_sample
        self._next_progress = start_sample + options.progress_samples
        self._received_until = start_sample
        self._has_ended = False

    # Facts in

    def receive_audio(self, audio: bytes) -> None:
        """Take s16le samples that follow those before."""
        self._audio.append(audio)
        self._received_until = self._audio.end

    def receive_flush(self) -> None:
        """End the current segment at the last whole frame received."""
        self._flush(SegmentEnd.FLUSH)

    def receive_pace(self, pace: Pace) -> None:
        """Follow the speaker so closely from here on; it holds for the segment that is going on, too."""
        self._pace = pace

    def receive_end(self) -> None:
        """No more audio will come: what is there becomes final."""
        if self._has_ended:
            return
        rest = (self._audio.end - self._classified_until) % FRAME_SAMPLES
        if rest:
            self._audio.append(bytes(2 * (FRAME_SAMPLES - rest)))
        self._has_ended = True
        self._flush(SegmentEnd.AUDIO_END)

    def receive_probabilities(self, heard: Iterable[tuple[float, bytes]]) -> None:
        """Take each frame's probability and the classifier's state after it, of the frames given out to classify."""
        for probability, state in heard:
            if not self._receive_probability(probability, state):
                break  # what comes after a cut is classified again, as it would be in a session that begins there
        self._apply_flushes()
        self._make_progress()

    def receive_hypothesis(self, step: DecodeStep, hypothesis: Hypothesis) -> None:
        """Take the answer to a step."""
        self._step = None
        segment = self._segments[0]
        if not segment.is_sure_at(step.end_sample):
            hypothesis = replace(hypothesis, words=())  # of noise or music nobody is to read a word
        segment.decoding.receive(step.piece, hypothesis)
        if self._is_in_other_language(segment, step, hypothesis):
            segment.decoding = self._options.new_decoding(segment.start)
            return
        if step.is_end and segment.decoding.committed:  # what noise leaves is not what speech is measured against
            self._decoder_state = hypothesis.decoder_state
        self._revise(segment, is_final=step.is_end, model_seconds=hypothesis.model_seconds)
        if step.is_end:
            self._leave_segment()
        self._make_progress()

    def receive_failure(self, message: str) -> None:
        """The step under way failed: its segment is given up, what follows goes on.

        What was committed of it stands, and becomes its final text. The next segment's decoding begins anew: it may be
        the state that the model refused.
        """
        self._step = None
        self._decoder_state = b""
        segment = self._segments[0]
        segment.decoding.receive_failure()
        segment.wording.give_up()
        self._results.append(Failure(segment_id(segment.start), message))
        self._revise(segment, is_final=True)
        self._leave_segment()
        self._make_progress()

    # Work and results out

    def frames_to_classify(self) -> tuple[Samples, bytes] | None:
        """Whole frames and the classifier's state before them, if enough have come; answered before the next ones."""
        end = self._flushes[0][0] if self._flushes else self._whole_frames_end()
        frames = (end - self._classified_until) // FRAME_SAMPLES
        if frames < self._options.classify_frames and not self._flushes:
            return None
        frames = min(frames, self._options.max_classify_frames)
        samples = self._audio.read(self._classified_until, self._classified_until + frames * FRAME_SAMPLES)
        return samples, self._classifier_state

    def step_to_decode(self) -> DecodeStep | None:
        """The next step for the decoder, if one is due and none is under way."""
        if self._step is not None or not self._segments:
            return None
        segment = self._segments[0]
        limit = self._endpointer.heard_until  # a pause is held back: speech may go on after it
        if (piece := segment.decoding.next_piece(limit, segment.end_sample, self._pace)) is None:
            return None
        segment.decoded_until = piece.end_sample
        self._step = DecodeStep(
            segment.start,
            piece.start_sample,
            self._audio.read(piece.start_sample, piece.end_sample),
            piece.is_start,
            piece.is_end,
            self._decoder_state if piece.is_start else b"",
            piece.prompt,
            segment.wording.decided,
        )
        return self._step

    def results_to_send(self) -> list[Result]:
        """What has come out since the last call, in order."""
        results, self._results = self._results, []
        return results

    @property
    def has_room(self) -> bool:
        """Whether the sender may go on."""
        oldest = self._segments[0].decoded_until if self._segments else self._classified_until
        return self._audio.end - oldest < self._options.max_waiting_samples

    @property
    def is_silent(self) -> bool:
        """Whether everything said is final and nobody speaks: a good moment to go on elsewhere."""
        return self._endpointer.is_silent and not self._segments

    @property
    def is_done(self) -> bool:
        """Whether all audio has come, everything is final, and every result has been taken."""
        return self._is_final and not self._results

    # Inside

    @property
    def _is_final(self) -> bool:
        return self._has_ended and not self._flushes and not self._segments

    def _whole_frames_end(self) -> int:
        return self._audio.end - (self._audio.end - self._classified_until) % FRAME_SAMPLES

    def _receive_probability(self, probability: float, state: bytes) -> bool:
        """Take the next frame; whether the one after it is next."""
        before, after = self._classified_until, self._classified_until + FRAME_SAMPLES
        ended = self._endpointer.receive_probability(probability)
        if self._endpointer.cut_sample == before:
            self._cut_state = self._classifier_state
        states = {before: self._classifier_state, after: state}
        self._classified_until = self._endpointer.position
        self._classifier_state = states.get(self._classified_until, self._cut_state)
        self._end_segment(ended)
        self._open_segment()
        if self._speaking is not None:
            self._speaking.sure_sample = self._endpointer.sure_sample
        self._note_position()
        return self._classified_until == after

    def _flush(self, end: SegmentEnd) -> None:
        sample = self._whole_frames_end()
        if not self._flushes or self._flushes[-1][0] != sample:  # who only flushes must not fill the memory
            self._flushes.append((sample, end))
        self._apply_flushes()
        self._make_progress()

    def _apply_flushes(self) -> None:
        while self._flushes and self._flushes[0][0] <= self._classified_until:
            _, end = self._flushes.popleft()
            self._end_segment(self._endpointer.end_here(end))

    def _open_segment(self) -> None:
        start = self._endpointer.speaking_from
        if start is None or self._speaking is not None:
            return
        wording = SegmentWording(self._wording, start)
        self._speaking = _Segment(
            start, self._options.new_decoding(start), wording, decoded_until=start, told_until=start
        )
        self._segments.append(self._speaking)
        self._results.append(Activity(is_start=True, sample=start, segment_id=segment_id(start)))

    def _end_segment(self, ended: Stretch | None) -> None:
        if ended is None or self._speaking is None:
            return
        self._speaking.ended = ended
        end = min(ended.end_sample, self._received_until)
        self._results.append(Activity(is_start=False, sample=end, segment_id=segment_id(ended.start_sample)))
        self._speaking = None

    def _is_in_other_language(self, segment: _Segment, step: DecodeStep, hypothesis: Hypothesis) -> bool:
        """Whether a segment has to be decoded anew, in the language that has been decided upon."""
        wording = segment.wording
        was_decided = bool(wording.decided)
        is_other = wording.receive(hypothesis, segment.decoding, told=step.language, is_end=step.is_end)
        if wording.is_change and not was_decided:
            self._results.append(LanguageChange(segment_id(segment.start), wording.decided, is_candidate=True))
        return is_other

    def _leave_segment(self) -> None:
        """The oldest segment is final: the position after it can be told, now or as soon as there is one."""
        segment = self._segments.popleft()
        if stray := segment.wording.leave(segment.decoding.committed, segment.ended):
            self._results.append(LanguageChange(segment_id(segment.start), stray, is_candidate=False))
        if segment.position_after is not None:
            self._tell_progress(segment.position_after)
        else:
            self._next_progress = 0

    def _is_revision_due(self, segment: _Segment) -> bool:
        """Whether the pace allows a partial one."""
        news = segment.decoded_until - segment.told_until
        return not self._pace.is_final_only and news >= self._pace.step_samples

    def _revise(self, segment: _Segment, *, is_final: bool, model_seconds: float = 0.0) -> None:
        if not is_final and not self._is_revision_due(segment):
            return
        decoding = segment.decoding
        shown = segment.wording.shown(decoding, segment.ended, is_final=is_final)
        texts = tuple(tuple(word.text for word in words) for words in shown)
        if not is_final and texts == segment.shown:
            return
        if is_final and not decoding.committed and not segment.revision_count:
            return  # noise: nobody has seen a word of it
        segment.shown = texts
        segment.told_until = segment.decoded_until
        segment.revision_count += 1
        ended = segment.ended if is_final else None
        end_sample = ended.end_sample if ended else segment.decoded_until
        revision = Revision(
            segment_id=segment_id(segment.start),
            number=segment.revision_count,
            start_sample=segment.start,
            end_sample=min(end_sample, self._received_until),
            committed=shown[0],
            unstable=shown[1],
            is_final=is_final,
            decoded_sample=min(segment.decoded_until, self._received_until),
            model_seconds=model_seconds,
            language=segment.wording.language,
            end=ended.end if ended else None,
        )
        self._results.append(revision)

    def _make_progress(self) -> None:
        """Forget the audio that was dealt with, and tell how far that is."""
        needed = self._segments[0].needed_from if self._segments else self._endpointer.silent_until
        self._audio.forget_before(min(needed, self._classified_until))
        if self._is_final:
            self._tell_progress(Progress(self._received_until, Memory()))
        else:
            self._note_position()

    def _note_position(self) -> None:
        """Keep the position reached for the segment before it, or tell it; what pads the last frame is not audio."""
        if not self._endpointer.is_silent or self._classified_until > self._received_until:
            return
        sample = self._endpointer.silent_until
        position = Progress(sample, Memory(self._classified_until - sample, self._classifier_state))
        if self._segments:
            self._segments[-1].position_after = position
        elif sample >= self._next_progress:
            self._tell_progress(position)

    def _tell_progress(self, position: Progress) -> None:
        if position.processed_sample <= self._progress:
            return
        self._progress = position.processed_sample
        self._next_progress = self._progress + self._options.progress_samples
        memory = replace(position.memory, decoder_state=self._decoder_state)
        memory = self._wording.remembered(memory, position.processed_sample)
        self._results.append(replace(position, memory=memory))
