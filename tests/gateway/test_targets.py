"""The targets of a configuration or an update."""

import pytest

from gateway.events import SpeechEncoding, SpeechOptions, Target, TranslationPolicy
from gateway.targets import targets_from_proto
from livetranslate.errors import InvalidArgumentError
from livetranslate.v1 import gateway_pb2, mt_pb2, tts_pb2
from livetranslate.wire import duration_of_seconds


def spoken(**options: object) -> gateway_pb2.Target:
    """A target with such options of its speech."""
    return gateway_pb2.Target(
        language_code="es",
        speech=True,
        speech_options=gateway_pb2.SpeechOptions(**options),  # type: ignore[arg-type] # as each test says
    )


def test_targets_are_those_that_were_asked_for() -> None:
    """In their order."""
    wanted = [
        gateway_pb2.Target(language_code="es", speech=True, voice="es-male"),
        gateway_pb2.Target(language_code="ca", policy=mt_pb2.TRANSLATION_POLICY_SEGMENTS),
    ]
    expected = [Target("es", speech=True, voice="es-male"), Target("ca", policy=TranslationPolicy.SEGMENTS)]
    assert targets_from_proto(wanted) == expected


def test_speech_is_as_was_asked_for() -> None:
    """Its encoding, its pace, how far it may be behind, and how it is mixed."""
    pacing = tts_pb2.PacingOptions(max_speaking_rate=1.5, max_lag=duration_of_seconds(4))
    target = spoken(encoding=gateway_pb2.SPEECH_ENCODING_OGG_OPUS, pacing=pacing, ducking_db=6)
    assert targets_from_proto([target])[0].speech_options == SpeechOptions(SpeechEncoding.OGG_OPUS, 1.5, 4.0, 6.0)


def test_nothing_said_means_the_defaults() -> None:
    """But a zero that was said is a zero."""
    assert targets_from_proto([spoken()])[0].speech_options == SpeechOptions()
    silent = spoken(ducking_db=0, pacing=tts_pb2.PacingOptions(max_lag=duration_of_seconds(0)))
    assert targets_from_proto([silent])[0].speech_options == SpeechOptions(ducking_db=0.0, max_lag_seconds=0.0)


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (gateway_pb2.Target(language_code="es", policy=9), "TRANSLATION_POLICY_UNKNOWN"),  # type: ignore[arg-type]
        (spoken(encoding=9), "SPEECH_ENCODING_UNKNOWN"),
        (spoken(pacing=tts_pb2.PacingOptions(max_speaking_rate=0.5)), "SPEECH_OPTIONS_INVALID"),
        (spoken(pacing=tts_pb2.PacingOptions(max_speaking_rate=2.5)), "SPEECH_OPTIONS_INVALID"),
        (spoken(pacing=tts_pb2.PacingOptions(max_lag=duration_of_seconds(-1))), "SPEECH_OPTIONS_INVALID"),
        (spoken(pacing=tts_pb2.PacingOptions(max_lag=duration_of_seconds(3601))), "SPEECH_OPTIONS_INVALID"),
        (spoken(ducking_db=-1), "SPEECH_OPTIONS_INVALID"),
        (spoken(ducking_db=61), "SPEECH_OPTIONS_INVALID"),
        (spoken(ducking_db=float("nan")), "SPEECH_OPTIONS_INVALID"),
    ],
)
def test_what_cannot_be_is_refused(target: gateway_pb2.Target, reason: str) -> None:
    """The error names the target."""
    with pytest.raises(InvalidArgumentError, match=r"target es") as caught:
        targets_from_proto([target])
    assert (caught.value.reason, caught.value.metadata["language_code"]) == (reason, "es")
