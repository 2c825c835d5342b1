"""The core of a session with facts in any order that asr, mt, tts, the store and the client may bring about."""

from itertools import islice

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.events import (
    Checkpoint,
    Event,
    Notice,
    NoticeKind,
    Position,
    Speech,
    Summary,
    Target,
    Targets,
    Transcript,
    Translation,
)
from gateway.session import TRANSCRIPT, GatewaySession, ToStore
from tests.gateway.bodies import SECOND, draft, final, partial, position, spoken, translated

LANGUAGES = ("es", "ca", "fr")
TARGETS = st.lists(
    st.builds(Target, st.sampled_from(LANGUAGES), st.booleans()), max_size=3, unique_by=lambda target: target.language
)
Owed = tuple[int, str]  # a segment's second and a language


class AnyOrder(RuleBasedStateMachine):
    """Plays everybody around the core, and knows what each of them owes."""

    def __init__(self) -> None:
        super().__init__()
        self.core = GatewaySession("s", [Target("es", speech=True)])
        self.second = 0  # of the segment that is spoken
        self.revision = 0  # of that segment
        self.clock = 0.0
        self.languages = {"es"}
        self.mt_owes: list[Owed] = []
        self.tts_owes: list[Owed] = []
        self.waiting: list[ToStore] = []
        self.stored_position = 0
        self.unsettled: dict[int, set[str]] = {}  # by second: what the watermark has to wait for
        self.chunks = 0
        self.chunks_wanted: list[object] = []
        self.told: list[Event] = []
        self.watermark = 0

    # asr

    @rule()
    def speak(self) -> None:
        self.core.receive_audio(SECOND // 2, self.now())
        self.revision += 1
        self.core.receive_transcript(partial(self.second, revision=self.revision), self.now())
        self.work()

    @rule(revision=st.integers(1, 9), text=st.sampled_from(["good morning", ""]))
    def repeat(self, revision: int, text: str) -> None:
        """Tell what asr has told already: it begins anew."""
        if self.second:
            self.core.receive_transcript(partial(self.second - 1, revision=revision), self.now())
            self.core.receive_transcript(final(self.second - 1, text), self.now())
        self.core.receive_position(position(self.second - 1))

    @rule(text=st.sampled_from(["good morning", ""]))
    def end_segment(self, text: str) -> None:
        self.core.receive_audio(SECOND, self.now())
        self.core.receive_transcript(final(self.second, text, self.revision), self.now())
        if text:
            self.unsettled[self.second] = {TRANSCRIPT, *self.languages}
        self.second += 1
        self.revision = 0
        self.work()

    @rule()
    def make_progress(self) -> None:
        self.core.receive_position(position(self.second))
        self.work()

    # mt

    @rule()
    def draft(self) -> None:
        for language in LANGUAGES:
            self.core.receive_translation(draft(self.second, language), self.now())

    @precondition(lambda self: self.mt_owes)
    @rule(data=st.data(), text=st.sampled_from(["buenos días", ""]))
    def translate(self, data: st.DataObject, text: str) -> None:
        second, language = self.pop(data, self.mt_owes)
        self.core.receive_translation(translated(second, language, text), self.now())
        self.work()

    @precondition(lambda self: self.mt_owes)
    @rule(data=st.data())
    def fail_to_translate(self, data: st.DataObject) -> None:
        second, language = self.pop(data, self.mt_owes)
        self.core.receive_notice(Notice(NoticeKind.TRANSLATION_FAILED, "", final(second).segment_id, language))
        self.settle(second, language)

    @rule()
    def lose_mt(self) -> None:
        self.core.receive_hop_failure(NoticeKind.TRANSLATION_FAILED, sorted(self.languages), "")
        for second, language in self.mt_owes:
            self.settle(second, language)
        self.mt_owes.clear()

    # tts

    @precondition(lambda self: self.tts_owes)
    @rule(data=st.data(), is_last=st.booleans())
    def say(self, data: st.DataObject, is_last: bool) -> None:
        owed = data.draw(st.sampled_from(self.tts_owes))
        self.chunks += 1
        self.core.receive_speech(spoken(*owed, is_last=is_last, chunk=self.chunks), self.now())
        self.chunks_wanted.append(self.chunks)
        if is_last:
            self.tts_owes.remove(owed)

    @rule(language=st.sampled_from(LANGUAGES))
    def lose_tts(self, language: str) -> None:
        self.core.receive_hop_failure(NoticeKind.SYNTHESIS_FAILED, [language], "")
        self.tts_owes = [owed for owed in self.tts_owes if owed[1] != language]

    # the store and the client

    @precondition(lambda self: self.waiting)
    @rule()
    def store(self) -> None:
        item = self.waiting.pop(0)
        self.core.receive_durable(item)
        match item:
            case Position(sample):
                self.stored_position = sample
            case Event(body=Translation(start_sample=sample, language=language)):
                self.settle(sample // SECOND, language)
            case Event(body=Transcript(start_sample=sample)):
                self.settle(sample // SECOND, TRANSCRIPT)

    @rule(wanted=TARGETS)
    def change_targets(self, wanted: list[Target]) -> None:
        self.core.receive_targets(wanted)
        kept = {target.language for target in wanted}
        for second in list(self.unsettled):
            for language in self.languages - kept:
                self.settle(second, language)
        self.languages = kept
        self.mt_owes = [owed for owed in self.mt_owes if owed[1] in kept]
        spoken = {target.language for target in wanted if target.speech}
        self.tts_owes = [owed for owed in self.tts_owes if owed[1] in spoken]
        self.work()

    @rule()
    def read(self) -> None:
        self.told += self.core.events_to_send()

    @rule()
    def read_one(self) -> None:
        self.told += islice(self.core.events_to_send(), 1)

    # What holds

    @invariant()
    def the_watermark_is_where_it_may_be(self) -> None:
        assert self.core._watermark.sample <= self.bound()
        assert self.core._watermark.sample >= self.watermark
        self.watermark = self.core._watermark.sample

    @invariant()
    def nothing_is_kept_that_nobody_owes(self) -> None:
        owed = {second for second, _ in (*self.mt_owes, *self.tts_owes)}
        assert len(self.core._segments) <= len(owed) + 1
        assert len(self.core._undurable) == sum(isinstance(item, Event) for item in self.waiting)

    @invariant()
    def another_replica_would_be_asked_for_what_is_owed(self) -> None:
        transcripts = {transcript.start_sample // SECOND for transcript in self.core.transcripts_owed()}
        assert transcripts == {second for second, _ in self.mt_owes}
        for language in LANGUAGES:
            clauses = [clause.start_sample // SECOND for clause in self.core.clauses_owed(language)]
            assert sorted(clauses) == sorted(second for second, code in self.tts_owes if code == language)

    def teardown(self) -> None:
        """The session ends: everybody does or gives up what is owed, and the sums are right."""
        if self.revision:
            self.core.receive_transcript(final(self.second, ""), self.now())
        for kind in (NoticeKind.TRANSLATION_FAILED, NoticeKind.SYNTHESIS_FAILED):
            self.core.receive_hop_failure(kind, sorted(self.languages), "")
        self.core.receive_audio_end()
        self.work()
        while self.waiting:
            self.store()
        self.core.receive_end()
        self.told += self.core.events_to_send()
        assert not self.core._segments
        assert not self.core._undurable
        self.check_what_was_told()

    def check_what_was_told(self) -> None:
        bodies = [event.body for event in self.told]
        numbers = [event.number for event in self.told if event.is_stored]
        assert numbers == list(range(1, len(numbers) + 1))
        checkpoints = [body.durable_sample for body in bodies if isinstance(body, Checkpoint)]
        assert checkpoints == sorted(set(checkpoints))
        assert checkpoints[-1:] == ([self.core.sample_count] if self.core.sample_count else [])
        assert [body.message for body in bodies if isinstance(body, Speech)] == self.chunks_wanted
        finals = [(b.segment_id, b.language) for b in bodies if isinstance(b, Translation) and b.is_final]
        assert len(finals) == len(set(finals))
        assert isinstance(bodies[-1], Summary)
        assert bodies[-1].translation_count == len(finals)

    # Inside

    def now(self) -> float:
        self.clock += 0.1
        return self.clock

    def work(self) -> None:
        """Hand on what the core gives out, as the shell does."""
        for request in self.core.requests_to_translate():
            if not isinstance(request, Targets) and request.is_final and request.committed_text:
                self.mt_owes += [(request.start_sample // SECOND, language) for language in sorted(self.languages)]
        for target, clause in self.core.clauses_to_speak():
            self.tts_owes.append((clause.start_sample // SECOND, target.language))
        self.waiting += self.core.items_to_store()

    def settle(self, second: int, part: str) -> None:
        parts = self.unsettled.get(second, set())
        parts.discard(part)
        if not parts:
            self.unsettled.pop(second, None)

    def bound(self) -> int:
        return min([self.stored_position, *(second * SECOND for second in self.unsettled)])

    def pop(self, data: st.DataObject, owed: list[Owed]) -> Owed:
        """Any of what is owed: languages do not wait for one another."""
        return owed.pop(data.draw(st.integers(0, len(owed) - 1)))


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
