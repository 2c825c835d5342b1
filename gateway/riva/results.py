"""Transcripts and translations as Riva's results.

Riva tells a text that may still change in two parts, one behind the other: a stable and an unstable one, told apart by
`stability`. Its clients put parts and finals together as they come, so each text ends with the space that follows it.
"""

from typing import Final

from google.protobuf.duration_pb2 import Duration
from riva.client.proto import riva_asr_pb2

from livetranslate.v1 import asr_pb2, gateway_pb2, mt_pb2, types_pb2
from livetranslate.wire import seconds_of_duration
from livetranslate.words import space_between

# Not 1: Riva's clients take that for a whole utterance, told once more before it is final.
STABLE: Final = 0.9
UNSTABLE: Final = 0.1

_CHANNEL = 1  # channels are mixed down

Results = list["riva_asr_pb2.StreamingRecognitionResult"]
Revision = asr_pb2.TranscriptRevision | mt_pb2.TranslationRevision


def results_of_transcript(revision: asr_pb2.TranscriptRevision, *, has_interims: bool, has_words: bool) -> Results:
    """What a transcript is told as: nothing where it is not final and the client wishes no interims."""
    if not revision.is_final:
        return interims(revision, revision.end_offset) if has_interims else []
    if not revision.committed_text:
        return []
    alternative = final_alternative(revision, has_words=has_words)
    return [_result(alternative, revision.end_offset, is_final=True)]


def results_of_translation(translation: gateway_pb2.Translation, *, has_interims: bool) -> Results:
    """The same for a translation; it has no words of its own."""
    revision, end = translation.revision, translation.end_offset
    if not revision.is_final:
        return interims(revision, end) if has_interims else []
    if not revision.committed_text:
        return []
    return [_result(_alternative(_followed(revision.committed_text), revision.language_code), end, is_final=True)]


def final_alternative(
    revision: asr_pb2.TranscriptRevision, *, has_words: bool
) -> "riva_asr_pb2.SpeechRecognitionAlternative":
    """A final transcript, with its confidence and, where they are wished, its words."""
    alternative = _alternative(_followed(revision.committed_text), revision.language_code)
    alternative.confidence = revision.confidence
    if has_words:
        alternative.words.extend(_word(word, revision.language_code) for word in revision.words)
    return alternative


def interims(revision: Revision, end: Duration) -> Results:
    """A text that may still change: what is committed, and the rest."""
    committed, rest = revision.committed_text, revision.unstable_text
    space = space_between(committed, rest) if committed and rest else ""
    return [
        _result(_alternative(text, revision.language_code), end, stability=stability)
        for text, stability in ((committed + space, STABLE), (rest, UNSTABLE))
        if text
    ]


def _result(
    alternative: "riva_asr_pb2.SpeechRecognitionAlternative",
    end: Duration,
    *,
    is_final: bool = False,
    stability: float = 0,
) -> "riva_asr_pb2.StreamingRecognitionResult":
    return riva_asr_pb2.StreamingRecognitionResult(
        alternatives=[alternative],
        is_final=is_final,
        stability=stability,
        channel_tag=_CHANNEL,
        audio_processed=seconds_of_duration(end),
    )


def offline_result(
    alternative: "riva_asr_pb2.SpeechRecognitionAlternative", end: Duration
) -> "riva_asr_pb2.SpeechRecognitionResult":
    """One utterance of a file."""
    return riva_asr_pb2.SpeechRecognitionResult(
        alternatives=[alternative], channel_tag=_CHANNEL, audio_processed=seconds_of_duration(end)
    )


def _alternative(text: str, language: str) -> "riva_asr_pb2.SpeechRecognitionAlternative":
    return riva_asr_pb2.SpeechRecognitionAlternative(transcript=text, language_code=[language] if language else [])


def _word(word: types_pb2.Word, language: str) -> "riva_asr_pb2.WordInfo":
    return riva_asr_pb2.WordInfo(
        word=word.text,
        start_time=round(seconds_of_duration(word.start_offset) * 1000),
        end_time=round(seconds_of_duration(word.end_offset) * 1000),
        confidence=word.confidence,
        language_code=language,
    )


def _followed(text: str) -> str:
    """A text and the space before the next one, in a script that has spaces."""
    return text + space_between(text, text) if text else ""
