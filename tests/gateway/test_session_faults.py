"""Whatever dies whenever: every final is stored once, as in an undisturbed run, and the client has each once.

The core, the backlog and the client's memory are the real ones; around them is a world whose speech, translations and
positions depend on the sample number alone.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.events import Checkpoint, Event, Speech, Started, Summary, Translation
from gateway.session import GatewaySession, ToStore
from gateway.targets import targets_from_proto
from livetranslate.samples import SAMPLE_RATE_HERTZ
from livetranslate.v1 import gateway_pb2
from livetranslate.wire import samples_of_duration
from tests.gateway.world.client import Client
from tests.gateway.world.services import translated
from tests.gateway.world.shell import Shell
from tests.gateway.world.speech import Said, said
from tests.gateway.world.store import Store

LANGUAGES = ["ca", "es"]
TENTH = SAMPLE_RATE_HERTZ // 10
TARGETS = st.lists(
    st.builds(gateway_pb2.Target, language_code=st.sampled_from(LANGUAGES), speech=st.booleans()),
    max_size=2,
    unique_by=lambda target: target.language_code,
)
SOME = st.integers(1, 30)
FEW = st.integers(0, 5)
ALL = 300
ROUNDS = 10


class Faults(RuleBasedStateMachine):
    """One session; any step may be a fault."""

    def __init__(self) -> None:
        super().__init__()
        self.client = Client(LANGUAGES)
        config = self.client.replay.restart().config
        self.store = Store(targets_from_proto(config.targets))
        self.may_change_targets = False
        self.dropped: set[str] = set()  # languages that were no target for a while: what they owed is not missed
        self.chunks: set[tuple[str, str, int, bytes]] = set()  # as this stream told them
        self.committed: dict[tuple[str, str], str] = {}  # translations as this stream told them
        self.shell: Shell | None = Shell(GatewaySession("s", self.store.targets), self.store, 0)
        self.resumed_at = 0  # up to there no checkpoint is told any more
        self.summary: Summary | None = None
        self.client.receive(Event(0, Started("s", "token")))

    @initialize(may_change=st.booleans())
    def choose(self, may_change: bool) -> None:
        """Where targets change, some translations are rightly missing: half of the sessions are stricter."""
        self.may_change_targets = may_change
        self.open_services()

    # The client

    @rule(tenths=st.integers(1, 40))
    def say(self, tenths: int) -> None:
        if not self.client.replay.is_finished:
            self.client.say(tenths * TENTH)

    @rule()
    def flush(self) -> None:
        if not self.client.replay.is_finished:
            self.client.flush()

    @precondition(lambda self: self.may_change_targets)
    @rule(wanted=TARGETS)
    def change_targets(self, wanted: list[gateway_pb2.Target]) -> None:
        if not self.client.replay.is_finished:
            self.client.change_targets(wanted)
            self.dropped |= set(LANGUAGES) - {target.language_code for target in wanted}

    @rule(is_meant=st.sampled_from([False, False, True]))
    def say_no_more(self, is_meant: bool) -> None:
        if is_meant:
            self.client.replay.finish()

    @rule(count=SOME)
    def send(self, count: int) -> None:
        for _ in range(count):
            if self.shell and (request := self.client.replay.next_request()):
                self.shell.receive(request)
        if self.shell and self.client.replay.is_drained:
            self.shell.end()

    @rule(count=SOME)
    def read(self, count: int) -> None:
        if self.shell is None:
            return
        for event, _ in zip(self.shell.core.events_to_send(), range(count), strict=False):
            self.check_event(event)
            self.client.receive(event)

    # asr, mt, tts and the store

    @rule(count=FEW, drafts=st.booleans())
    def recognize(self, count: int, drafts: bool) -> None:
        if self.shell:
            self.shell.take_from_asr(count, drafts=drafts)

    @rule(places=st.lists(st.integers(0, 99), max_size=8))
    def translate(self, places: list[int]) -> None:
        for place in places:
            if self.shell:
                self.shell.take_from_mt(place)

    @rule()
    def speak(self) -> None:
        if self.shell:
            self.shell.take_from_voices()

    @rule(count=SOME)
    def commit(self, count: int) -> None:
        for _ in range(min(count, len(self.store.waiting))):
            self.store.commit(self.tell_durable)

    @rule()
    def open_services(self) -> None:
        if self.shell:
            if self.shell.asr is None:
                self.shell.open_asr()
            if self.shell.mt is None:
                self.shell.open_mt()
            self.shell.open_voices()

    @rule(tenths=st.integers(5, 40), amounts=st.lists(FEW, min_size=4, max_size=4), drafts=st.booleans())
    def go_on(self, tenths: int, amounts: list[int], drafts: bool) -> None:
        """For a while nothing dies, and everybody does a part of what there is to do."""
        recognized, translated, spoken, committed = amounts
        if self.shell is None:
            self.resume()
        self.say(tenths)
        self.open_services()
        self.send(ALL)
        self.recognize(recognized, drafts)
        self.translate([0] * translated)
        for _ in range(spoken):
            self.speak()
        self.commit(committed)
        self.read(ALL)

    @rule(steps=st.integers(4, 12), spoken=FEW)
    def listen(self, steps: int, spoken: int) -> None:
        """For a while everything is heard and translated as it is said; what is spoken comes later."""
        for _ in range(steps):
            self.go_on(tenths=2, amounts=[ALL, 8, spoken, 0], drafts=True)

    @rule()
    def catch_up(self) -> None:
        """Everybody does everything."""
        self.work()

    # Faults

    @rule(is_back=st.booleans())
    def lose_asr(self, is_back: bool) -> None:
        if self.shell:
            self.shell.asr = None
        if is_back:
            self.open_services()

    @rule(is_back=st.booleans())
    def lose_mt(self, is_back: bool) -> None:
        if self.shell:
            self.shell.mt = None
        if is_back:
            self.open_services()

    @rule(is_back=st.booleans())
    def lose_tts(self, is_back: bool) -> None:
        if self.shell:
            self.shell.voices.clear()
        if is_back:
            self.open_services()

    @rule()
    def lose_connection(self) -> None:
        """What the session has put on its way to the store gets there."""
        self.shell = None
        self.client.replay.pause()

    @rule(kept=st.integers(0, 20))
    def lose_gateway(self, kept: int) -> None:
        """What was on its way to the store is lost, too, but for what a file had taken."""
        self.lose_connection()
        self.store.lose_after(kept)

    @rule()
    def resume(self) -> None:
        """Another replica takes the session over, whether or not it runs here; the client then has what is stored."""
        self.lose_connection()
        request = self.client.replay.restart().resume
        targets = targets_from_proto(request.targets.targets)
        resumption = self.store.take_over(targets)
        core = GatewaySession("s", targets, resumption)
        self.shell = Shell(core, self.store, samples_of_duration(request.audio_offset))
        self.chunks.clear()
        self.committed.clear()
        self.resumed_at = resumption.position.sample
        position, last = resumption.position.sample, resumption.last_event_number
        self.client.receive(
            Event(0, Started("s", "token", 0, is_resumed=True, resume_sample=position, last_event_number=last))
        )
        for event in self.store.events[request.last_event_number :]:
            self.client.receive(event)

    # What holds

    def check_event(self, event: Event) -> None:
        """What is told is right at that moment."""
        match event.body:
            case Checkpoint(sample, number):
                assert number <= len(self.store.events)
                assert sample <= self.store.position.sample
                self.check_stored_before(sample)
            case Speech(segment_id=segment_id, language=language, message=message, clause=clause):
                chunk = segment_id, language, clause, message.audio
                assert chunk not in self.chunks, "spoken twice"
                self.chunks.add(chunk)
            case Translation(segment_id=segment_id, language=language, committed_text=text):
                assert text.startswith(self.committed.get((segment_id, language), "")), "taken back"
                self.committed[segment_id, language] = text
            case Summary():
                self.summary = event.body

    def check_stored_before(self, sample: int) -> None:
        stored = {segment.segment_id: segment for segment in self.store.segments}
        for segment_id, start in ((segment.segment_id, segment.start_sample) for segment in self.segments()):
            if start < sample:
                assert set(self.store.missing(stored[segment_id])) <= self.dropped

    @invariant()
    def what_is_stored_is_what_was_said(self) -> None:
        texts = {segment.segment_id: segment.text for segment in self.segments()}
        stored = {body.segment_id: body.committed_text for body in self.store.segments}
        assert stored.items() <= texts.items()
        assert len(stored) == len(self.store.segments), "a segment is stored twice"
        parts = {(body.segment_id, body.language): body.committed_text for body in self.store.translations}
        assert len(parts) == len(self.store.translations), "a translation is stored twice"
        assert parts == {(key, code): translated(stored[key], code) for key, code in parts}

    @invariant()
    def there_is_one_clock(self) -> None:
        if self.shell:
            assert self.shell.backlog.end_sample == self.shell.core.sample_count <= self.client.sample_count

    @invariant()
    def the_application_is_given_nothing_twice(self) -> None:
        assert all(times == 1 for times in self.client.finals.values())

    def teardown(self) -> None:
        """Nothing dies any more: the session comes to its end, and nothing is missing."""
        self.client.replay.finish()
        if self.shell is None:
            self.resume()
        assert self.shell
        for _ in range(ROUNDS):
            self.work()
        assert self.shell.end_audio()
        self.commit(ALL)
        self.shell.core.receive_end()
        self.read(ALL)
        self.check_end()

    def work(self) -> None:
        self.open_services()
        self.send(ALL)
        self.recognize(ALL, drafts=True)
        self.translate([0] * ALL)
        for _ in range(ALL):
            self.speak()
        self.commit(ALL)
        self.read(ALL)

    def check_end(self) -> None:
        self.what_is_stored_is_what_was_said()
        self.there_is_one_clock()
        assert self.shell
        assert not self.shell.core._segments
        texts = {segment.segment_id: segment.text for segment in self.segments()}
        assert {segment.segment_id for segment in self.store.segments} == texts.keys()
        for segment in self.store.segments:
            assert set(self.store.missing(segment)) <= self.dropped
            assert set(LANGUAGES) - self.dropped <= set(segment.target_languages)
        given = {key for key in self.client.finals if key[0] in texts}
        stored = {(body.segment_id, "en") for body in self.store.segments}
        stored |= {(body.segment_id, body.language) for body in self.store.translations}
        assert stored <= given
        assert {language for _, language in given - stored} <= self.dropped  # given, lost, and then not wanted any more
        assert max(self.client.checkpoint, self.resumed_at) == self.client.sample_count
        for place, text in () if self.may_change_targets else self.shell.said.items():
            assert text == self.committed[place], "not all of it was spoken, or more"
        assert self.summary
        assert self.summary.sample_count == self.client.sample_count
        assert self.summary.segment_count == len(self.store.segments)
        assert self.summary.translation_count == len(self.store.translations)
        assert self.summary.speech_samples == sum(
            segment.end_sample - segment.start_sample for segment in self.segments()
        )

    # Inside

    def segments(self) -> list[Said]:
        """What is final by now in an undisturbed run."""
        heard = said(0, self.client.sample_count, self.client.flushes, is_over=self.client.replay.is_finished)
        return [segment for segment in heard if segment.is_complete and segment.text]

    def tell_durable(self, generation: int, item: ToStore) -> None:
        if self.shell and self.shell.generation == generation:
            self.shell.core.receive_durable(item)


TestFaults = Faults.TestCase
TestFaults.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
