"""Services whose answers are a function of what they are asked. One object is one stream: it dies with its replica."""

from collections import deque
from collections.abc import Iterator
from itertools import count

from gateway import messages
from gateway.backlog import Flush
from gateway.events import Position, Speech, SpokenClause, Target, Targets, Transcript, Translation
from livetranslate.samples import BYTES_PER_SAMPLE, SAMPLE_RATE_HERTZ
from livetranslate.v1 import asr_pb2, mt_pb2, tts_pb2
from livetranslate.wire import duration_of_samples
from tests.gateway.world.speech import Said, audio, is_quiet, said

CHUNKS = 3  # of each spoken translation

_STEP = SAMPLE_RATE_HERTZ // 2  # in silence asr tells a position so often


class Recognizer:
    """A stream to asr: begun anew at a position, it hears the same segments and tells the same positions."""

    def __init__(self, position: Position) -> None:
        self._position = position
        self._start = self._heard = self._answered = position.sample
        self._flushes: list[int] = []
        self._revisions: dict[int, int] = {}  # by segment; how often one is revised depends on the moment
        self._answers: deque[Transcript | Position] = deque()
        self._is_over = False

    def hear(self, piece: bytes | Flush) -> None:
        assert not self._is_over
        if isinstance(piece, Flush):
            self._flushes.append(self._heard)
            return
        assert self._position.state == _state_at(self._position.sample)
        end = self._heard + len(piece) // BYTES_PER_SAMPLE
        assert piece == audio(self._heard, end)
        self._heard = end

    def finish(self) -> None:
        self._is_over = True

    @property
    def has_finished(self) -> bool:
        """Whether it has answered everything."""
        return self._is_over and self._answered == self._heard and not self._answers

    def draft(self) -> Iterator[Transcript]:
        """Another revision of what is being said."""
        for segment in said(self._start, self._heard, self._flushes, is_over=self._is_over):
            if not segment.is_complete:
                yield self._revision(segment, is_final=False)

    def take(self, count: int) -> list[Transcript | Position]:
        """The next answers, if there are so many."""
        segments = [*said(self._start, self._heard, self._flushes, is_over=self._is_over)]
        open_samples = [segment.start_sample for segment in segments if not segment.is_complete]
        finals = {segment.end_sample: segment for segment in segments if segment.is_complete}
        for sample in sorted({*finals, *self._rests(min([self._heard, *open_samples]))}):
            if sample > self._answered:
                self._answer(sample, finals.get(sample))
        return [self._answers.popleft() for _ in range(min(count, len(self._answers)))]

    def _answer(self, sample: int, segment: Said | None) -> None:
        self._answered = sample
        if segment and (segment.text or segment.start_sample in self._revisions):  # unseen noise is not mentioned
            self._answers.append(self._revision(segment, is_final=True))
        if is_quiet(sample) or (self._is_over and sample == self._heard):
            self._answers.append(Position(sample, _state_at(sample)))

    def _rests(self, end: int) -> set[int]:
        return {*range(0, end + 1, _STEP), *([end] if self._is_over else [])}

    def _revision(self, segment: Said, *, is_final: bool) -> Transcript:
        number = self._revisions[segment.start_sample] = self._revisions.get(segment.start_sample, 0) + 1
        revision = asr_pb2.TranscriptRevision(
            segment_id=segment.segment_id,
            revision=number,
            committed_text=segment.text if is_final else segment.certain_text,
            unstable_text="" if is_final else "hm",
            is_final=is_final,
            start_offset=duration_of_samples(segment.start_sample),
            end_offset=duration_of_samples(segment.end_sample),
        )
        return messages.transcript_from_proto(revision)


class Translator:
    """A stream to mt."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._known: set[tuple[str, str]] = set()  # segments and languages of which something was answered
        self.owed: list[tuple[Transcript, str]] = []

    def hear(self, request: Transcript | Targets) -> None:
        if isinstance(request, Targets):
            self._targets = request
        elif request.committed_text or not request.is_final:
            self.owed += [(request, target.language) for target in self._targets.targets]

    def answer(self, place: int) -> Translation:
        """Translate one of the texts; languages do not wait for one another. What it commits at first is behind."""
        _, language = self.owed[place]
        place = next(place for place, (_, other) in enumerate(self.owed) if other == language)
        transcript, _ = self.owed.pop(place)
        words = transcript.committed_text.split()
        if not transcript.is_final and (transcript.segment_id, language) not in self._known:
            words = words[:-1]
        self._known.add((transcript.segment_id, language))
        revision = mt_pb2.TranslationRevision(
            segment_id=transcript.segment_id,
            language_code=language,
            committed_text=translated(" ".join(words), language),
            is_final=transcript.is_final,
        )
        return messages.translation_from_proto(revision)


def translated(text: str, language: str) -> str:
    """A text in another language."""
    return f"{language} {text}" if text else ""


class Voice:
    """A stream to tts in one target's voice."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self.owed: list[tuple[SpokenClause, int]] = []  # and the numbers of their chunks

    def hear(self, clause: SpokenClause) -> None:
        self.owed += zip([clause] * CHUNKS, count(), strict=False)

    def answer(self) -> tuple[SpokenClause, Speech]:
        """The next chunk, two bytes that are its number, and what it is of."""
        clause, number = self.owed.pop(0)
        audio = tts_pb2.SpeechAudio(
            segment_id=clause.segment_id,
            clause=clause.clause,
            is_segment_end=clause.is_segment_end,
            audio=number.to_bytes(2, "little"),
            is_last=number == CHUNKS - 1,
        )
        return clause, messages.speech_from_proto(audio, self._target)


def _state_at(sample: int) -> bytes:
    return b"%d" % sample if sample else b""
