from datetime import timedelta
from pathlib import Path

import pytest

from livetranslate.client.requests import resume_request, session_config, targets
from livetranslate.v1 import gateway_pb2, mt_pb2, types_pb2

CLAUSES = mt_pb2.TRANSLATION_POLICY_CLAUSES


def test_a_session_says_how_it_is_captioned() -> None:
    """Languages, pauses, what is shown and a glossary are part of the config."""
    config = session_config(
        source="auto",
        candidates=["en", "de"],
        endpointing={"start_threshold": 0.5, "stop_duration": timedelta(milliseconds=800)},
        committed_only=True,
        partial_interval=timedelta(seconds=1),
        glossary={"hot plate": {"es": "placa caliente"}, "Triton": {}},
    ).config
    assert (config.source_language_code, list(config.candidate_language_codes)) == ("auto", ["en", "de"])
    assert config.endpointing.start_threshold == 0.5
    assert config.endpointing.stop_duration.ToMilliseconds() == 800
    assert not config.endpointing.HasField("max_duration")
    assert (config.committed_only, config.partial_interval.ToSeconds()) == (True, 1)
    assert list(config.glossary.terms) == [
        types_pb2.GlossaryTerm(source="hot plate", translations={"es": "placa caliente"}),
        types_pb2.GlossaryTerm(source="Triton", do_not_translate=True),
    ]


def test_a_session_that_says_nothing_has_the_defaults() -> None:
    """What was not given is not set, so that the server's defaults hold."""
    config = session_config(source="en").config
    assert not config.HasField("endpointing")
    assert not config.HasField("partial_interval")
    assert not config.HasField("glossary")
    assert not config.HasField("glossary_file")


def test_consent_is_said_and_never_taken_for_granted() -> None:
    """Whoever wishes for the speaker's own voice has to say that they agree."""
    voices = {"es": "speaker"}
    config = session_config(source="en", speech=["es"], voices=voices).config
    assert (config.voice_cloning_consent, config.targets[0].voice) == (False, "speaker")
    assert session_config(
        source="en", speech=["es"], voices=voices, voice_cloning_consent=True
    ).config.voice_cloning_consent


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("terms.tsv", gateway_pb2.GLOSSARY_FORMAT_TSV),
        ("terms.TBX", gateway_pb2.GLOSSARY_FORMAT_TBX),
        ("terms.xml", gateway_pb2.GLOSSARY_FORMAT_TBX),
    ],
)
def test_a_glossary_may_be_a_file(tmp_path: Path, name: str, expected: int) -> None:
    """Its format is told by its name, and its content is sent as it is."""
    path = tmp_path / name
    path.write_bytes(b"en\tes\n")
    file = session_config(source="en", glossary_file=path).config.glossary_file
    assert (file.format, file.content) == (expected, b"en\tes\n")


def test_a_glossary_of_unknown_format_is_refused(tmp_path: Path) -> None:
    """The error names the formats there are."""
    with pytest.raises(ValueError, match=r"terms.csv: a glossary's name ends in .tsv, .tbx, .xml"):
        session_config(source="en", glossary_file=tmp_path / "terms.csv")


def test_a_target_may_say_more_than_its_language() -> None:
    """A message keeps what it says; speech and voices are added to it, and a language comes once."""
    early = gateway_pb2.Target(language_code="es", policy=CLAUSES, voice="Rosa")
    merged = targets([early, "ca"], ["es", "fr"], {"fr": "Jean"})
    assert merged == [
        gateway_pb2.Target(language_code="es", policy=CLAUSES, voice="Rosa", speech=True),
        gateway_pb2.Target(language_code="ca"),
        gateway_pb2.Target(language_code="fr", speech=True, voice="Jean"),
    ]
    assert not early.speech  # the caller's own message is left alone


def test_a_resumed_session_may_have_such_targets() -> None:
    """Another program may say how its targets are translated."""
    early = gateway_pb2.Target(language_code="es", policy=CLAUSES)
    assert list(resume_request("s1", "t1", targets=[early]).resume.targets.targets) == [early]
