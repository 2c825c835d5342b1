from collections import deque
from collections.abc import Iterable
from itertools import chain
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from livetranslate.client.replay import Replay
from livetranslate.client.requests import resume_request, session_config, targets
from livetranslate.v1 import gateway_pb2
from livetranslate.v1.gateway_pb2 import SessionEvent, StreamingTranslateSpeechRequest
from tests.livetranslate.model_server import SEGMENT_SAMPLES, ModelServer, Speaker

FORMATS: list[dict[str, Any]] = [
    {},
    {"channel_count": 3, "encoding": "pcm_f32le"},
    {"sample_rate_hertz": 44_100, "channel_count": 2},
    {"sample_rate_hertz": 48_000, "encoding": "pcm_f32le"},
    {"sample_rate_hertz": 11_025},
    {"sample_rate_hertz": 8_001},
]
LANGUAGES = st.lists(st.sampled_from(["ca", "es", "fr"]), unique=True)
COUNTS = st.sampled_from([0, 1, 5, 50])
LIMIT_BYTES = 1 << 30


class Sessions(RuleBasedStateMachine):
    """A caller, the core and a model server, with a wire between the last two that loses all that is on it."""

    @initialize(options=st.sampled_from(FORMATS), checkpoints=st.booleans())
    def begin(self, options: dict[str, Any], checkpoints: bool) -> None:
        opening = session_config(source="en", targets=["es"], **options)
        self.speaker = Speaker()
        self.server = ModelServer(self.speaker, opening.config.audio_format, checkpoints=checkpoints)
        self.replay = Replay(opening, LIMIT_BYTES)
        self.bytes_per_segment = int(SEGMENT_SAMPLES * self.server._bytes_per_sample)
        self.given: list[SessionEvent] = []
        self.up: deque[StreamingTranslateSpeechRequest] = deque()
        self.down: deque[SessionEvent] = deque()
        self.is_connected = False

    @rule(tenths=st.floats(0.2, 3), odd_bytes=st.integers(0, 9))
    def say(self, tenths: float, odd_bytes: int) -> None:
        self.replay.add_audio(self.speaker.say(int(tenths * self.bytes_per_segment) + odd_bytes))

    @rule()
    def flush(self) -> None:
        self.speaker.flushes.add(len(self.speaker.audio))
        self.replay.add_flush()

    @rule(languages=LANGUAGES)
    def change_targets(self, languages: list[str]) -> None:
        self.speaker.targets.append((len(self.speaker.audio), languages))
        self.replay.add_targets(gateway_pb2.TargetsUpdate(targets=targets(languages, ())))

    @rule(sent=COUNTS, heard=COUNTS, stored=st.integers(0, 3), delivered=COUNTS)
    def go_on(self, sent: int, heard: int, stored: int, delivered: int) -> None:
        """Everything moves on by some way, each at its own pace; what has not arrived is on the wire."""
        if not self.is_connected:
            self.connect()
        self.send(sent)
        self.hear(heard)
        self.server.store(stored)
        self.deliver(delivered)

    def connect(self) -> None:
        self.up.append(self.replay.restart())
        self.is_connected = True

    def send(self, count: int) -> None:
        for _ in range(count):
            if (request := self.replay.next_request()) is not None:
                self.up.append(request)

    def hear(self, count: int) -> None:
        for _ in range(min(count, len(self.up))):
            request = self.up.popleft()
            if request.HasField("config") or request.HasField("resume"):
                self.server.open(request, self.down.append)
            else:
                self.server.receive(request)

    def deliver(self, count: int) -> None:
        for _ in range(min(count, len(self.down))):
            event = self.down.popleft()
            if self.replay.note_event(event):
                self.given.append(event)

    @precondition(lambda self: self.is_connected)
    @rule(heard=COUNTS, stored=st.integers(0, 3))
    def break_(self, heard: int = 0, stored: int = 0) -> None:
        """All that is on the wire is lost; the server may still hear some of it, and store what nobody is told of."""
        self.server._tell = lambda _event: None
        self.hear(heard)
        self.server._tell = lambda _event: None
        self.server.store(stored)
        self.up.clear()
        self.down.clear()
        self.replay.pause()
        self.is_connected = False

    @invariant()
    def nothing_is_given_twice(self) -> None:
        finals = final_keys(self.given)
        assert len(finals) == len(set(finals))
        starts = [segment for segment, language in finals if not language]
        assert starts == sorted(starts)

    def teardown(self) -> None:
        """In the end a connection holds: the caller has each final, and knows the server has heard everything."""
        if self.is_connected:
            self.break_()
        self.connect()
        while self.up or self.down or self.replay.unsent_seconds:
            self.send(30)
            self.hear(30)
            self.deliver(len(self.down))
        assert self.server._byte == len(self.speaker.audio)
        heard = range(0, self.server.heard_to_sample, SEGMENT_SAMPLES)
        expected = [(start, "") for start in heard]
        assert [final for final in final_keys(self.given) if not final[1]] == expected
        told = chain(self.server.stored, *self.server._pending)
        assert set(final_keys(self.given)) == set(final_keys(told))
        assert self.replay.lost_audio_seconds == 0


def final_keys(events: Iterable[SessionEvent]) -> list[tuple[int, str]]:
    keys = []
    for event in events:
        if event.HasField("transcript") and event.transcript.revision.is_final:
            keys.append((int(event.transcript.revision.segment_id), ""))
        elif event.HasField("translation"):
            revision = event.translation.revision
            keys.append((int(revision.segment_id), revision.language_code))
    return keys


TestSessions = Sessions.TestCase
TestSessions.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)


def opened(limit_bytes: int = LIMIT_BYTES, **options: Any) -> Replay:
    """A session that the server has opened."""
    replay = Replay(session_config(source="en", **options), limit_bytes)
    replay.restart()
    replay.note_event(started())
    return replay


def started(offset_seconds: int = 0, *, token: str = "t1", is_resumed: bool = False) -> SessionEvent:  # noqa: S107, no password
    started = gateway_pb2.SessionStarted(session_id="s1", resume_token=token, is_resumed=is_resumed)
    started.resume_offset.seconds = offset_seconds
    return SessionEvent(session_started=started)


def drawn(replay: Replay) -> list[bytes]:
    return [request.audio for request in iter(replay.next_request, None)]


def test_beyond_the_limit_the_oldest_is_forgotten() -> None:
    """Memory stays below the limit, and the server is told where what is left begins; the loss is counted."""
    replay = opened(limit_bytes=100_000)
    for _ in range(40):
        replay.add_audio(bytes(3_200))
        drawn(replay)
        assert replay._cost_bytes <= 100_000
    replay.pause()
    resume = replay.restart().resume
    kept = sum(map(len, drawn(replay)))
    assert kept == 128_000 - resume.audio_offset.ToMilliseconds() * 32
    replay.note_event(started(is_resumed=True))
    assert replay.lost_audio_seconds == pytest.approx(resume.audio_offset.ToMilliseconds() / 1000)


def test_nothing_is_lost_where_the_server_needs_less() -> None:
    """What was forgotten is no loss where it had become durable, though nobody had said so yet."""
    replay = opened(limit_bytes=33_000)
    for _ in range(2):
        replay.add_audio(bytes(32_000))
        drawn(replay)
    replay.pause()
    replay.restart()
    replay.note_event(started(2, is_resumed=True))
    assert replay.lost_audio_seconds == 0


def test_an_open_stream_gets_silence_for_what_was_forgotten() -> None:
    """A stream that is behind by more than the limit keeps its clock: what it misses counts as silence."""
    replay = opened(limit_bytes=33_000)
    replay.add_audio(b"\1" * 32_000)
    replay.add_audio(b"\2" * 32_000)
    assert b"".join(drawn(replay)) == bytes(32_000) + b"\2" * 32_000
    assert replay.lost_audio_seconds == 1


def test_a_container_is_sent_again_from_its_beginning() -> None:
    """It cannot be cut, so a checkpoint frees nothing."""
    replay = opened(encoding="container")
    replay.add_audio(b"RIFF")
    replay.add_audio(b"more")
    drawn(replay)
    replay.note_event(SessionEvent(checkpoint=gateway_pb2.Checkpoint(durable_offset=Duration(seconds=9))))
    replay.pause()
    resume = replay.restart().resume
    assert resume.HasField("audio_offset")
    assert not resume.audio_offset.ToNanoseconds()
    assert drawn(replay) == [b"RIFF", b"more"]


def test_a_container_beyond_the_limit_is_given_up() -> None:
    """The stream that runs goes on, but it cannot be resumed; nothing is kept of it."""
    replay = opened(encoding="container", limit_bytes=1_000)
    replay.add_audio(bytes(900))
    assert len(drawn(replay)) == 1
    replay.add_audio(bytes(500))
    assert replay.has_given_up
    assert not replay.can_resume
    assert drawn(replay) == [bytes(500)]
    assert replay._cost_bytes == 0


@pytest.mark.parametrize("token", ["", "t1"])
def test_what_cannot_be_resumed_is_not_kept(token: str) -> None:
    """A server without tokens, or a caller who does not want it: what was sent is forgotten at once."""
    replay = Replay(session_config(source="en"), LIMIT_BYTES, can_resume=not token)
    replay.add_audio(bytes(3_200))
    replay.restart()
    drawn(replay)
    replay.note_event(started(token=token))
    replay.add_audio(bytes(3_200))
    drawn(replay)
    assert not replay.can_resume
    assert replay._cost_bytes == 0


def test_another_program_sends_from_where_the_server_says() -> None:
    """Audio waits until the server has said from where it is to come; later breaks count from there."""
    replay = Replay(resume_request("s1", "t1", last_event_number=4), LIMIT_BYTES)
    replay.add_audio(bytes(32_000))
    first = replay.restart().resume
    assert (first.last_event_number, first.HasField("audio_offset"), first.HasField("targets")) == (4, False, False)
    assert drawn(replay) == []
    assert replay.note_event(started(7, is_resumed=True))
    assert drawn(replay) == [bytes(32_000)]
    replay.pause()
    assert replay.restart().resume.audio_offset.seconds == 7
    assert not replay.note_event(started(7, is_resumed=True))


def test_another_program_may_choose_the_targets() -> None:
    """Targets that are named replace the stored ones, also after later breaks."""
    replay = Replay(resume_request("s1", "t1", targets=["es"], speech=["ca"]), LIMIT_BYTES)
    for _ in range(2):
        chosen = replay.restart().resume.targets.targets
        assert [(target.language_code, target.speech) for target in chosen] == [("es", False), ("ca", True)]
        replay.note_event(started(is_resumed=True))
        replay.pause()


def test_nothing_follows_the_end() -> None:
    """After finish() nothing more can be said, and the end is sent again, too."""
    replay = opened()
    replay.finish()
    assert replay.is_drained
    with pytest.raises(ValueError, match="nothing more can be sent"):
        replay.add_audio(b"xx")
    replay.pause()
    replay.restart()
    assert replay.is_drained
