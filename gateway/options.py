"""What holds for a whole session: checked when it is opened, stored with it, and read by whoever resumes it."""

from dataclasses import dataclass, field
from typing import Self

from gateway.glossary_file import terms_of_file
from gateway.telling import TELL_ALL, Telling
from livetranslate.endpointing import endpointing_from_proto
from livetranslate.errors import InvalidArgumentError
from livetranslate.glossary import Glossary, checked_glossary
from livetranslate.glossary_message import glossary_to_proto, terms_from_proto
from livetranslate.samples import SAMPLE_RATE_HERTZ
from livetranslate.spoken import AUTO
from livetranslate.v1 import gateway_pb2, types_pb2
from livetranslate.wire import duration_of_samples, samples_of_duration

MAX_PARTIAL_INTERVAL_SAMPLES = 60 * SAMPLE_RATE_HERTZ  # no segment is longer


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """The options of one session.

    Attributes:
        candidates: Where the language is to be found out: those that may be spoken, first the likeliest.
        endpointing: Where speech starts and ends; passed on to asr as it came.
        telling: How its texts are told.
        glossary: Its terms, those of a file included.
        voice_cloning_consent: Whether the speaker agrees that their voice is imitated.
    """

    candidates: tuple[str, ...] = ()
    endpointing: types_pb2.EndpointingOptions = field(default_factory=types_pb2.EndpointingOptions)
    telling: Telling = TELL_ALL
    glossary: Glossary = field(default_factory=Glossary)
    voice_cloning_consent: bool = False

    @classmethod
    def of(cls, config: gateway_pb2.SessionConfig) -> Self:
        """The options that a client wishes; whether its languages can be had, `gateway.capabilities` knows.

        Raises:
            InvalidArgumentError: Something is out of range, or the glossary cannot be read.
        """
        candidates = tuple(config.candidate_language_codes)
        endpointing_from_proto(config.endpointing)
        glossary, consent = _glossary(config, candidates), config.voice_cloning_consent
        return cls(candidates, config.endpointing, _telling(config), glossary, consent)

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Options that were stored."""
        config = gateway_pb2.SessionConfig.FromString(content)
        glossary = Glossary(tuple(terms_from_proto(config.glossary)))
        candidates, consent = tuple(config.candidate_language_codes), config.voice_cloning_consent
        return cls(candidates, config.endpointing, _telling(config), glossary, consent)

    def to_bytes(self) -> bytes:
        """A configuration that has these options and nothing else."""
        config = gateway_pb2.SessionConfig(
            candidate_language_codes=self.candidates,
            endpointing=self.endpointing,
            committed_only=self.telling.committed_only,
            partial_interval=duration_of_samples(self.telling.partial_interval_samples),
            glossary=glossary_to_proto(self.glossary),
            voice_cloning_consent=self.voice_cloning_consent,
        )
        return config.SerializeToString(deterministic=True)


def _telling(config: gateway_pb2.SessionConfig) -> Telling:
    interval = samples_of_duration(config.partial_interval)
    if not 0 <= interval <= MAX_PARTIAL_INTERVAL_SAMPLES:
        most = MAX_PARTIAL_INTERVAL_SAMPLES // SAMPLE_RATE_HERTZ
        message = f"`config.partial_interval` is not between 0 and {most} s. Without partials: `committed_only`."
        raise InvalidArgumentError("PARTIAL_INTERVAL_INVALID", message)
    return Telling(config.committed_only, interval)


def _glossary(config: gateway_pb2.SessionConfig, candidates: tuple[str, ...]) -> Glossary:
    terms = terms_from_proto(config.glossary)
    if config.HasField("glossary_file"):
        spoken = [config.source_language_code] if config.source_language_code != AUTO else candidates
        terms += terms_of_file(config.glossary_file, spoken)
    return checked_glossary(terms)
