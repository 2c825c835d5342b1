"""What a session tells of a file, gathered: the finals in one language, in order."""

from dataclasses import dataclass

from livetranslate.errors import UnavailableError
from livetranslate.v1 import gateway_pb2, types_pb2
from livetranslate.wire import seconds_of_duration
from livetranslate.words import joined

_SPOILED = {types_pb2.NOTICE_CODE_RECOGNITION_FAILED, types_pb2.NOTICE_CODE_TRANSLATION_FAILED}


@dataclass(frozen=True, slots=True)
class Heard:
    """A final text and where its speech is."""

    segment_id: str
    start_seconds: float
    end_seconds: float
    text: str
    language: str
    confidence: float = 0.0
    words: tuple[types_pb2.Word, ...] = ()


class Transcript:
    """Gathers the finals of one session. They are text: of a day of speech no more than a megabyte or two."""

    def __init__(self, target: str) -> None:
        """Have heard nothing yet; an empty target is what was said itself."""
        self._target = target
        self._heard: dict[str, Heard] = {}
        self._notices: dict[str, None] = {}
        self.session_id = ""
        self.duration_seconds = 0.0

    def receive(self, event: gateway_pb2.SessionEvent) -> None:
        """Take what counts of an event.

        Raises:
            UnavailableError: A part was not recognized or translated: a text without it would be a wrong one.
        """
        match event.WhichOneof("event"):
            case "session_started":
                self.session_id = event.session_started.session_id
            case "notice":
                self._note(event.notice)
            case "summary":
                self.duration_seconds = seconds_of_duration(event.summary.audio_duration)
            case "transcript" if not self._target and event.transcript.revision.is_final:
                self._add(_spoken(event.transcript))
            case "translation" if self._target and event.translation.revision.is_final:
                self._add(_translated(event.translation))

    @property
    def segments(self) -> list[Heard]:
        """All of it, in the order of its times."""
        return [self._heard[segment_id] for segment_id in sorted(self._heard)]

    @property
    def text(self) -> str:
        """As one text."""
        return joined(heard.text for heard in self.segments)

    @property
    def language(self) -> str:
        """That of most segments; empty where nobody speaks."""
        languages = [heard.language for heard in self.segments]
        return max(languages, key=languages.count, default=self._target)

    @property
    def notices(self) -> str:
        """The codes of what is good to know."""
        return " ".join(self._notices)

    def _add(self, heard: Heard) -> None:
        if heard.text:
            self._heard[heard.segment_id] = heard

    def _note(self, notice: types_pb2.Notice) -> None:
        if notice.code in _SPOILED:
            name = types_pb2.NoticeCode.Name(notice.code).removeprefix("NOTICE_CODE_")
            raise UnavailableError(name, f"{notice.message} Try again.")
        self._notices[types_pb2.NoticeCode.Name(notice.code).removeprefix("NOTICE_CODE_")] = None


def _spoken(transcript: gateway_pb2.Transcript) -> Heard:
    revision = transcript.revision
    return Heard(
        revision.segment_id,
        seconds_of_duration(revision.start_offset),
        seconds_of_duration(revision.end_offset),
        revision.committed_text,
        revision.language_code,
        revision.confidence,
        tuple(revision.words),
    )


def _translated(translation: gateway_pb2.Translation) -> Heard:
    revision = translation.revision
    return Heard(
        revision.segment_id,
        seconds_of_duration(translation.start_offset),
        seconds_of_duration(translation.end_offset),
        revision.committed_text,
        revision.language_code,
    )
