"""The targets of a configuration or an update: what is not set has its default, what cannot be is refused."""

from collections.abc import Iterable

from gateway.events import SpeechEncoding, SpeechOptions, Target, TranslationPolicy
from livetranslate.errors import InvalidArgumentError
from livetranslate.v1 import gateway_pb2, mt_pb2
from livetranslate.wire import seconds_of_duration

MAX_SPEAKING_RATE = 2.0  # more is not understood
MAX_LAG_SECONDS = 3600.0  # whoever wants all of it may wait for it
MAX_DUCKING_DB = 60.0  # of 16 bits hardly more is heard

_SHOWN_CHARACTERS = 35  # no language is longer (BCP 47), and no error repeats a megabyte
_DEFAULTS = SpeechOptions()
_POLICIES = {mt_pb2.TranslationPolicy.Value(f"TRANSLATION_POLICY_{policy}"): policy for policy in TranslationPolicy}
_ENCODINGS = {
    gateway_pb2.SPEECH_ENCODING_UNSPECIFIED: _DEFAULTS.encoding,
    gateway_pb2.SPEECH_ENCODING_PCM_S16LE: SpeechEncoding.PCM_S16LE,
    gateway_pb2.SPEECH_ENCODING_OGG_OPUS: SpeechEncoding.OGG_OPUS,
}


def targets_from_proto(targets: Iterable[gateway_pb2.Target]) -> list[Target]:
    """The targets that are wished.

    Raises:
        InvalidArgumentError: How one is to be committed, or spoken, is out of range.
    """
    return [_target(target) for target in targets]


def _target(target: gateway_pb2.Target) -> Target:
    language = target.language_code[:_SHOWN_CHARACTERS]
    if target.policy not in _POLICIES:
        message = f"`policy` of the target {language} is unknown. Use CLAUSES, SEGMENTS, or leave it out."
        raise InvalidArgumentError("TRANSLATION_POLICY_UNKNOWN", message, language_code=language)
    options = _speech_options(target.speech_options, language)
    return Target(target.language_code, target.speech, target.voice, _POLICIES[target.policy], options)


def _speech_options(options: gateway_pb2.SpeechOptions, language: str) -> SpeechOptions:
    if options.encoding not in _ENCODINGS:
        message = f"`speech_options.encoding` of the target {language} is unknown. Use PCM_S16LE or OGG_OPUS."
        raise InvalidArgumentError("SPEECH_ENCODING_UNKNOWN", message, language_code=language)
    rate = options.pacing.max_speaking_rate or _DEFAULTS.max_speaking_rate
    has_lag = options.pacing.HasField("max_lag")
    lag = seconds_of_duration(options.pacing.max_lag) if has_lag else _DEFAULTS.max_lag_seconds
    ducking = options.ducking_db if options.HasField("ducking_db") else _DEFAULTS.ducking_db
    _check_range(language, "pacing.max_speaking_rate", rate, 1.0, MAX_SPEAKING_RATE)
    _check_range(language, "pacing.max_lag", lag, 0.0, MAX_LAG_SECONDS, unit=" seconds")
    _check_range(language, "ducking_db", ducking, 0.0, MAX_DUCKING_DB)
    return SpeechOptions(_ENCODINGS[options.encoding], rate, lag, ducking)


def _check_range(language: str, field: str, value: float, least: float, most: float, *, unit: str = "") -> None:
    if not least <= value <= most:
        message = f"`speech_options.{field}` of the target {language} is {value:g}; say {least:g} to {most:g}{unit}."
        raise InvalidArgumentError("SPEECH_OPTIONS_INVALID", message, language_code=language, field=field)
