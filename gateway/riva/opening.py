"""How a Riva call becomes a session: its configuration as the first message of our own protocol."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from riva.client.proto import riva_asr_pb2

from gateway.capabilities import Hops
from gateway.listings import list_recognizers
from gateway.riva.custom import CustomOptions, custom_options
from gateway.riva.endpointing import endpointing_options
from gateway.riva.phrases import session_terms
from livetranslate.spoken import AUTO
from livetranslate.v1 import gateway_pb2, types_pb2
from livetranslate.wire import duration_of_seconds

_ANY_LANGUAGE = {"", AUTO, "multi"}  # the last is what Riva's multilingual models are asked by

Request = gateway_pb2.StreamingTranslateSpeechRequest


@dataclass(frozen=True, slots=True)
class Wish:
    """What the first message of a Riva call asks for.

    Attributes:
        recognition: What is said of the audio and of its recognition.
        source: The spoken language, or "auto".
        target: What to translate into, if anything.
        kept_phrases: What is not to be translated.
        is_offline: Whether only finals are of interest.
    """

    recognition: "riva_asr_pb2.RecognitionConfig"
    source: str
    target: gateway_pb2.Target | None = None
    kept_phrases: Iterable[str] = ()
    is_offline: bool = False
    options: CustomOptions = field(init=False)

    def __post_init__(self) -> None:
        """Read our own options."""
        object.__setattr__(self, "options", custom_options(self.recognition.custom_configuration))

    def request(self, audio_format: types_pb2.AudioFormat) -> Request:
        """The session's first message.

        Raises:
            InvalidArgumentError: Something is out of range.
        """
        if self.options.session_id:
            return Request(resume=self._resume(audio_format))
        target_language = self.target.language_code if self.target else ""
        terms = session_terms(self.kept_phrases, target_language, self.recognition.speech_contexts)
        config = gateway_pb2.SessionConfig(
            source_language_code=self.source,
            targets=[self.target] if self.target else [],
            audio_format=audio_format,
            title=self.options.title,
            endpointing=endpointing_options(self.recognition.endpointing_config),
            committed_only=self.is_offline,
            glossary=types_pb2.Glossary(terms=terms),
        )
        if self.options.glossary:
            config.glossary_file.format = gateway_pb2.GLOSSARY_FORMAT_TSV
            config.glossary_file.content = self.options.glossary.encode()
        return Request(config=config)

    def _resume(self, audio_format: types_pb2.AudioFormat) -> gateway_pb2.ResumeRequest:
        """Riva knows no numbers of events: all finals so far are told again."""
        offset = self.options.audio_offset_seconds
        return gateway_pb2.ResumeRequest(
            session_id=self.options.session_id,
            resume_token=self.options.resume_token,
            audio_format=audio_format,
            audio_offset=None if offset is None else duration_of_seconds(offset),
        )


async def spoken_language(named: str, hops: Hops) -> str:
    """The language of a session; where none is named, the only one that can be recognized, else "auto".

    Raises:
        UnavailableError: asr does not answer.
    """
    if named.lower() not in _ANY_LANGUAGE:
        return named
    languages = {code for recognizer in await list_recognizers(hops) for code in recognizer.language_codes}
    return languages.pop() if len(languages) == 1 else AUTO
