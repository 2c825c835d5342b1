"""The results of a recognition whose audio comes as one file."""

from typing import Any

from google.protobuf.duration_pb2 import Duration

from gateway.riva.results import final_alternative, offline_result
from livetranslate.errors import UnavailableError
from livetranslate.v1 import asr_pb2, gateway_pb2, types_pb2


class OfflineResults:
    """Gathers the finals of one session. They are text: of a day of speech no more than a megabyte or two."""

    def __init__(self, *, has_words: bool) -> None:
        """Have heard nothing yet."""
        self._has_words = has_words
        self._results: list[Any] = []
        self._audio_duration = Duration()

    async def receive(self, event: gateway_pb2.SessionEvent) -> None:
        """Take what counts of an event.

        Raises:
            UnavailableError: A part of the file was not recognized: a text without it would be a wrong one.
        """
        match event.WhichOneof("event"):
            case "transcript" if event.transcript.revision.is_final and event.transcript.revision.committed_text:
                revision = event.transcript.revision
                alternative = final_alternative(revision, has_words=self._has_words)
                self._results.append(offline_result(alternative, revision.end_offset))
            case "notice" if event.notice.code == types_pb2.NOTICE_CODE_RECOGNITION_FAILED:
                raise UnavailableError("RECOGNITION_FAILED", f"{event.notice.message} Try again.")
            case "summary":
                self._audio_duration = event.summary.audio_duration

    def told(self) -> list[Any]:
        """One result for each utterance; one without a text where nobody speaks, for clients look into the first."""
        silence = asr_pb2.TranscriptRevision()
        return self._results or [offline_result(final_alternative(silence, has_words=False), self._audio_duration)]
