"""Nothing that is said or written in a session leaves it: not into logs, not into metrics, not into traces.

The words are known ones that mean nothing, and much goes wrong: models fail and quote what they were given, requests
are refused. Everything that the whole system writes, at the level `debug`, and exports is searched for them.
"""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from livetranslate.client import AsyncClient, TranslateError
from livetranslate.stack.stack import Stack, StackOptions, running_stack
from livetranslate.v1 import gateway_pb2
from tests.gateway.talk import pieces, talk
from tests.gateway.told import Told
from tests.otlp_collector import collecting
from tests.scraping import scraped_text

ROOT = Path(__file__).parents[2]

SPOKEN, TRANSLATED = "zqspoken", "zqtranslated"  # by the models in tests/quoting
TERM, TERM_TRANSLATED, TITLE, NOTE = "zqterm", "zqterminus", "zqtitle", "zqbroken"
LANGUAGE, TOKEN = "zqlanguage", "zqtoken"
WORDS = (SPOKEN, TRANSLATED, TERM, TERM_TRANSLATED, TITLE, NOTE, LANGUAGE, TOKEN)
"""Nobody writes any of them by chance."""


@dataclass
class Written:
    """What a system has written and exported, by where, and what its session was told."""

    told: Told = field(default_factory=Told)
    session_id: str = ""
    resume_token: str = ""
    texts: dict[str, str] = field(default_factory=dict)

    def lines(self, service: str, event: str) -> list[Mapping[str, Any]]:
        """The lines of a service's log that tell of an event."""
        lines = [line for line in self.texts[f"{service}.log"].splitlines() if line.startswith("{")]
        return [entry for entry in map(json.loads, lines) if entry["event"] == event]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Everything of a system that has served such sessions, from its start to its end."""
    folder = tmp_path_factory.mktemp("canary")
    shutil.copytree(ROOT / "bench" / "models", folder / "models")
    for task in ("asr", "mt", "tts"):
        shutil.copy(ROOT / "tests" / "quoting" / f"{task}.py", folder / "models" / f"{task}_null" / "1" / "model.py")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIVETRANSLATE_")}
    written = Written()
    with collecting() as collector:
        environment |= {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
            "LIVETRANSLATE_LOG_LEVEL": "debug",
            "LIVETRANSLATE_ASR_DECODE_PATIENCE_SECONDS": "0",
            "LIVETRANSLATE_MT_FINAL_PATIENCE_SECONDS": "0",
            "LIVETRANSLATE_TTS_PATIENCE_SECONDS": "0",
        }
        options = StackOptions(
            profile="null", data_folder=folder / "data", model_repository=folder / "models", environment=environment
        )
        with running_stack(options) as stack:
            asyncio.run(_sessions(stack, written, folder))
            for name, address in stack.metrics_addresses.items():
                written.texts[f"metrics of {name}"] = scraped_text(address)
        written.texts["exported"] = b"\n".join(collector.bodies).decode(errors="replace")
    for log in (folder / "data").glob("*.log"):
        written.texts[log.name] = log.read_text(errors="replace")
    return written


async def _sessions(stack: Stack, written: Written, folder: Path) -> None:
    """One that is broken off and resumed, into languages that fail, too; then what is refused."""
    audio = pieces(talk(20).tobytes())
    async with AsyncClient(stack.gateway_address) as client, asyncio.timeout(120):
        options: dict[str, Any] = {"glossary": {TERM: {"es": TERM_TRANSLATED}}, "title": TITLE}
        async with client.open_session(source="en", targets=["es", "fr"], speech=["es", "ca"], **options) as session:
            events = aiter(session)
            for piece in audio[: len(audio) // 2]:
                await session.send_audio(piece)
            await written.told.until(events, lambda told: bool(told.finals))
            written.session_id, written.resume_token = session.session_id, session.resume_token
            number = session.last_event_number
        token = written.resume_token
        async with client.resume_session(written.session_id, token, last_event_number=number) as session:
            events = aiter(session)
            await session.set_targets(["es", "fr", LANGUAGE])
            await written.told.until(events, lambda told: told.kinds[-1] == "session_started")
            for piece in audio:
                await session.send_audio(piece)
            await session.finish()
            written.told.events += [event async for event in events]
        viewed = await Told.of(client.watch(written.session_id))
        assert viewed.finals
        await _refused(client, folder, audio[:1])


async def _refused(client: AsyncClient, folder: Path, audio: list[bytes]) -> None:
    """Requests that are wrong in what they say."""
    broken = folder / "broken.tbx"
    broken.write_text(f"<martif><{NOTE}>{TERM}")
    wrong: list[AsyncIterable[gateway_pb2.SessionEvent]] = [
        client.translate(audio, source=LANGUAGE, targets=["es"]),
        client.translate(audio, source="en", targets=["es"], glossary={TERM * 1000: {}}),
        client.translate(audio, source="en", targets=["es"], glossary_file=broken),
        client.watch(TOKEN),
    ]
    for events in wrong:
        with pytest.raises(TranslateError):
            await Told.of(events)
    async with client.resume_session("0" * 32, TOKEN) as session:
        with pytest.raises(TranslateError):
            await Told.of(session)


def test_the_words_were_really_said(written: Written) -> None:
    """They were recognized, translated, and quoted by what failed: there was something to hide."""
    told = written.told
    assert all(SPOKEN in text for text in told.finals.values())
    translations = [event.translation.revision for event in told.events if event.HasField("translation")]
    assert any(TRANSLATED in revision.committed_text for revision in translations)
    assert {"RECOGNITION_FAILED", "TRANSLATION_FAILED", "SYNTHESIS_FAILED", "TARGET_REFUSED"} <= set(told.notices)


def test_the_search_finds_what_may_be_seen(written: Written) -> None:
    """The session's id is in the logs and traces, and each place has something in it: the search looks everywhere."""
    for place in ("gateway.log", "asr.log", "mt.log", "tts.log", "exported"):
        assert written.session_id in written.texts[place], place
    services = {"gateway", "asr", "mt", "tts", "triton"}
    assert {f"{name}.log" for name in services} | {f"metrics of {name}" for name in services} <= written.texts.keys()
    assert all(written.texts.values())


@pytest.mark.parametrize("word", WORDS)
def test_no_word_is_seen(written: Written, word: str) -> None:
    """No word that was said or written, and no token, is in a log, a metric or a trace."""
    assert [place for place, text in written.texts.items() if word in text.lower()] == []


def test_the_token_is_not_seen(written: Written) -> None:
    """Nor is the token that resumes the session."""
    assert len(written.resume_token) > 20
    assert [place for place, text in written.texts.items() if written.resume_token in text] == []


@pytest.mark.parametrize(
    ("service", "event"),
    [
        ("gateway", "session started"),
        ("gateway", "session completed"),
        ("asr", "decoding failed"),
        ("mt", "translation failed"),
        ("tts", "synthesis failed"),
    ],
)
def test_a_line_leads_to_its_session_and_trace(written: Written, service: str, event: str) -> None:
    """Each line that belongs to the session has its id and that of a trace that was exported."""
    lines = written.lines(service, event)
    assert lines
    for line in lines:
        assert line["session_id"] == written.session_id
        assert len(line["trace_id"]) == 32
