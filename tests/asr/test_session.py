import dataclasses
import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from asr.audio_buffer import Samples
from asr.endpoint import SegmentEnd
from asr.hypothesis import Hypothesis, Word, text_of
from asr.memory import Memory
from asr.results import Activity, Failure, Progress, Revision
from asr.session import AsrSession, DecodeStep
from livetranslate.samples import segment_id
from tests.asr.arrivals import (
    DOUBTFUL,
    OPTIONS,
    START,
    Arrival,
    F,
    arrivals,
    drive,
    send,
    sound,
    spoken,
    told,
)
from tests.asr.driving import Driver


@given(arrivals, st.integers(1, 9))
def test_arrival_does_not_matter(arrival: Arrival, classify_frames: int) -> None:
    """However audio is cut into messages and classified, its segments, steps, words and finals are the same."""
    options = dataclasses.replace(DOUBTFUL, classify_frames=classify_frames)
    one = drive(arrival.samples, flushes=arrival.flushes, options=DOUBTFUL)
    other = dataclasses.replace(arrival, fails_at=set()).drive(options)
    assert spoken(one) == spoken(other)


@settings(max_examples=60)
@given(arrivals)
def test_every_position_is_one_to_go_on_from(arrival: Arrival) -> None:
    """From each position told, a session that knows nothing else has the same steps, revisions and finals."""
    whole = dataclasses.replace(arrival, fails_at=set()).drive(DOUBTFUL)
    for position in whole.positions:
        first = position.processed_sample
        again = drive(
            arrival.samples[first:],
            flushes=[place - first for place in arrival.flushes if place >= first],
            work_counts=arrival.work_counts,
            start=position,
            options=DOUBTFUL,
        )
        assert spoken(again) == [entry for entry in spoken(whole) if entry[0] >= first]


@settings(max_examples=60)
@given(arrivals, st.lists(st.integers(1, 30), max_size=6))
def test_restarts_are_invisible(arrival: Arrival, lifetimes: list[int]) -> None:
    """However often a session dies and another one goes on from the last position, the finals are the same."""
    whole = drive(arrival.samples, flushes=arrival.flushes, options=DOUBTFUL)
    position = START
    finals: dict[str, Revision] = {}
    for lifetime in [*lifetimes, 1_000]:
        first = position.processed_sample
        driver = Driver(DOUBTFUL, first, position.memory)
        send(driver, arrival.samples[first:], flushes=[place - first for place in arrival.flushes if place >= first])
        for _ in range(lifetime):
            driver.work()
        position = [position, *driver.positions][-1]
        finals |= {final.segment_id: final for final in driver.finals}
    assert sorted(told(finals.values())) == told(whole.finals)
    assert position.processed_sample == len(arrival.samples)


@given(arrivals)
def test_failures_move_no_segment(arrival: Arrival) -> None:
    """Segments lie where they lie without failures, and each of those is final or has failed."""
    whole, driver = drive(arrival.samples, flushes=arrival.flushes), arrival.drive()
    failed = {failure.segment_id for failure in driver.failures}
    ends = {final.segment_id: final.end_sample for final in whole.finals}
    assert failed | {final.segment_id for final in driver.finals} == set(ends)
    for final in driver.finals:
        assert final.segment_id in failed or final.end_sample == ends[final.segment_id]


@given(arrivals)
def test_promises_are_kept(arrival: Arrival) -> None:
    """Of each segment revisions are counted from 1, committed text only grows, and exactly the last is final."""
    driver = arrival.drive()
    for name in {revision.segment_id for revision in driver.revisions}:
        of_segment = [revision for revision in driver.revisions if revision.segment_id == name]
        assert [revision.number for revision in of_segment] == list(range(1, len(of_segment) + 1))
        assert [revision.is_final for revision in of_segment] == [False] * (len(of_segment) - 1) + [True]
        assert not of_segment[-1].unstable
        for before, after in itertools.pairwise(of_segment):
            assert after.committed[: len(before.committed)] == before.committed
            assert after.end_sample >= before.start_sample


@given(arrivals)
def test_samples_are_counted_once(arrival: Arrival) -> None:
    """No sample is decoded twice or left out within a segment, no step is empty, and segments never overlap."""
    samples, driver = arrival.samples, arrival.drive()
    decoded_until = 0
    for step in driver.steps:
        assert len(step.samples)
        assert step.start_sample >= decoded_until if step.is_start else step.start_sample == decoded_until
        decoded_until = step.end_sample
        known = samples[step.start_sample : step.end_sample]
        assert step.samples[: len(known)].tolist() == known.tolist()
        assert not step.samples[len(known) :].any()
    end = 0
    for final in driver.finals:
        assert end <= final.start_sample < final.end_sample <= len(samples)
        end = final.end_sample


@given(arrivals)
def test_progress_is_true(arrival: Arrival) -> None:
    """Progress grows to the samples received, and nothing before it is heard of again."""
    samples, driver = arrival.samples, arrival.drive()
    processed = 0
    for entry in driver.log:
        match entry:
            case Progress():
                assert entry.processed_sample > processed
                processed = entry.processed_sample
            case DecodeStep():
                assert entry.segment_start >= processed
            case Revision():
                assert entry.start_sample >= processed
            case Failure():
                assert entry.segment_id >= segment_id(processed)
    assert processed == len(samples)


@given(arrivals)
def test_activity_frames_revisions(arrival: Arrival) -> None:
    """Each segment is told to start before its first revision and to end before its final one, one after the other."""
    samples, driver = arrival.samples, arrival.drive()
    told = driver.activities
    assert [activity.is_start for activity in told] == [True, False] * (len(told) // 2)
    assert [activity.sample for activity in told] == sorted(activity.sample for activity in told)
    for start, end in zip(told[::2], told[1::2], strict=True):
        assert start.segment_id == end.segment_id == segment_id(start.sample)
        assert 0 < end.sample - start.sample <= 30 * F
        assert end.sample <= len(samples)
        of_segment = [r for r in driver.revisions if r.segment_id == start.segment_id]
        places = [driver.log.index(revision) for revision in of_segment]
        assert not places or driver.log.index(start) < places[0]
        assert not places or places[-1] > driver.log.index(end) or driver.failures
    assert {revision.segment_id for revision in driver.revisions} <= {activity.segment_id for activity in told}


@given(arrivals)
def test_finals_say_why_they_ended(arrival: Arrival) -> None:
    """A final alone says why its segment ended; only those at the end of the audio ended with it."""
    driver = drive(arrival.samples, flushes=arrival.flushes)
    for revision in driver.revisions:
        assert (revision.end is not None) == revision.is_final
        assert revision.end is not SegmentEnd.AUDIO_END or revision.end_sample > len(arrival.samples) - 5 * F
        assert revision.end is not SegmentEnd.FLUSH or arrival.flushes


@given(arrivals, st.integers(0, 100_000))
def test_sessions_begin_anywhere(arrival: Arrival, start_sample: int) -> None:
    """A session that is taken up again names its segments as it would have at the beginning, only later."""
    here = drive(arrival.samples)
    there = drive(arrival.samples, start=Progress(start_sample, Memory()))
    assert [step.start_sample + start_sample for step in here.steps] == [step.start_sample for step in there.steps]
    assert [text_of(final.committed) for final in here.finals] == [text_of(final.committed) for final in there.finals]
    assert [sample + start_sample for sample in here.progress] == there.progress


def test_silence_is_not_decoded() -> None:
    """Silence costs the recognizer nothing, and progress follows it."""
    driver = drive(sound([(False, 100)]))
    assert driver.steps == []
    assert driver.progress[-1] == 100 * F


def test_nothing_received_is_done_at_once() -> None:
    """A session without audio ends without a result."""
    driver = drive(sound([]))
    assert driver.log == []


def test_the_end_comes_once() -> None:
    """To be told twice that audio has ended changes nothing."""
    driver = drive(sound([(True, 10)], tail=100))
    driver.session.receive_end()
    assert driver.session.is_done
    assert not driver.session.results_to_send()


def test_is_not_done_while_results_wait() -> None:
    """A session is not done before its last result has been taken."""
    session = AsrSession(OPTIONS)
    session.receive_audio(bytes(2 * F))
    session.receive_end()
    assert session.frames_to_classify() is not None
    session.receive_probabilities([(0.0, b"")])
    assert [session.is_done, len(session.results_to_send()), session.is_done] == [False, 1, True]


def test_each_reason_to_end_is_told() -> None:
    """A pause, a flush, the greatest length and the end of the audio are told apart."""
    ends = [
        drive(sound(runs), flushes=flushes).finals[0].end
        for runs, flushes in (
            ([(True, 10), (False, 10)], []),
            ([(True, 10)], [10 * F]),
            ([(True, 40)], []),
            ([(True, 10)], []),
        )
    ]
    assert ends == [SegmentEnd.PAUSE, SegmentEnd.FLUSH, SegmentEnd.MAX_DURATION, SegmentEnd.AUDIO_END]


def test_noise_has_activity() -> None:
    """What seemed to be speech and comes to no words has a start and an end."""
    driver = Driver(OPTIONS, recognize=lambda _step, _heard, _state: Hypothesis(()))
    send(driver, sound([(True, 6), (False, 10)]))
    driver.work_to_end()
    name = segment_id(0)
    assert driver.activities == [Activity(True, 0, name), Activity(False, 9 * F, name)]
    assert not driver.revisions


def test_a_monologue_is_cut_where_it_is_calm() -> None:
    """Speech without a pause is cut between words, and what comes after the cut belongs to the next segment alone."""
    calm_frame = 26
    probabilities = [0.9] * calm_frame + [0.5] + [0.9] * 20

    def classify(frames: Samples, state: bytes) -> list[tuple[float, bytes]]:
        first = int(state or b"0")
        numbers = range(first, first + len(frames) // F)
        return [(probabilities[number], str(number + 1).encode()) for number in numbers]

    driver = Driver(OPTIONS, classify=classify)
    send(driver, sound([(True, len(probabilities))]))
    driver.work_to_end()
    bounds = [(final.start_sample // F, final.end_sample // F) for final in driver.finals]
    assert bounds == [(0, calm_frame + 1), (calm_frame + 1, len(probabilities))]
    (position,) = [position for position in driver.positions if position.processed_sample == (calm_frame + 1) * F]
    assert position.memory.classifier_state == str(calm_frame + 1).encode()


def test_a_flush_makes_final() -> None:
    """A flush ends the segment without a pause, and speech that goes on is the next one."""
    driver = drive(sound([(True, 20)]), flushes=[10 * F])
    assert [final.start_sample for final in driver.finals] == [0, 10 * F]
    assert driver.finals[0].end_sample == 10 * F


def test_a_failed_step_spoils_its_segment_only() -> None:
    """What was committed before a failure becomes final, the failure is told, and what follows is recognized."""
    driver = drive(sound([(True, 18), (False, 8), (True, 10)]), cuts=range(0, 40 * F, F), fails_at=[4])
    assert [failure.segment_id for failure in driver.failures] == [segment_id(0)]
    first = driver.finals[0]
    assert first.committed
    assert first.committed == driver.revisions[[r.is_final for r in driver.revisions].index(True) - 1].committed
    assert driver.finals[-1].start_sample > first.end_sample


def test_a_failure_before_any_word_is_only_told() -> None:
    """A segment that nobody has seen a word of gets no final, only its failure."""
    driver = drive(sound([(True, 4), (False, 10)]), fails_at=[0])
    assert len(driver.failures) == 1
    assert not driver.revisions


def test_a_failure_forgets_the_decoders_state() -> None:
    """What may have been refused is not tried again: the next segment's decoding begins anew."""
    driver = drive(sound([(True, 6), (False, 10)] * 3), start=Progress(0, Memory(decoder_state=b"odd")), fails_at=[0])
    states = [step.decoder_state for step in driver.steps if step.is_start]
    assert states[:2] == [b"odd", b""]
    assert states[2]


def test_a_failure_is_passed_over_to_the_end_of_its_speech() -> None:
    """Speech that goes on after a failure starts no segment of its own, and the position after it is told."""
    driver = drive(sound([(True, 20), (False, 10), (True, 6)]), cuts=range(0, 40 * F, F), fails_at=[0])
    assert len(driver.failures) == 1
    (final,) = driver.finals
    assert final.start_sample > 20 * F
    assert any(20 * F < position <= final.start_sample for position in driver.progress)


def test_noise_makes_no_revision_and_leaves_no_state() -> None:
    """A segment without words is not told, and the next one starts from the state before it."""
    driver = Driver(
        OPTIONS,
        memory=Memory(decoder_state=b"speech"),
        recognize=lambda _step, _heard, _state: Hypothesis((), b"noise"),
    )
    send(driver, sound([(True, 6), (False, 10)] * 3))
    driver.work_to_end()
    assert not driver.revisions
    assert [step.decoder_state for step in driver.steps if step.is_start] == [b"speech"] * 3


def test_what_may_be_music_is_not_shown() -> None:
    """Words come out once it is surely speech that they were heard in; of what never is, none, and no state."""
    driver = drive(sound([(True, 3), (False, 10), (True, 20), (False, 10)]), options=DOUBTFUL)
    assert len(driver.activities) == 4
    (final,) = driver.finals
    assert final.start_sample > 10 * F
    assert driver.revisions[0].decoded_sample >= final.start_sample + 6 * F
    assert [step.decoder_state for step in driver.steps if step.is_start] == [b"", b""]


def test_who_goes_on_needs_no_proof() -> None:
    """What is left of a sentence after a cut is shown, however short."""
    driver = drive(sound([(True, 31)]), options=DOUBTFUL)
    assert [final.end for final in driver.finals] == [SegmentEnd.MAX_DURATION, SegmentEnd.AUDIO_END]
    assert driver.finals[1].end_sample - driver.finals[1].start_sample <= 4 * F


def test_state_travels_from_segment_to_segment() -> None:
    """Each segment starts from the state after the one before, which the position between them carries."""
    driver = drive(sound([(True, 6), (False, 10)] * 3))
    starts = [step.decoder_state for step in driver.steps if step.is_start]
    after = [position.memory.decoder_state for position in driver.positions]
    assert [b"", *after[:2]] == starts
    assert all(after)


def test_a_final_is_followed_by_its_position() -> None:
    """As soon as a segment is final one can go on after it, however short the time since the last position."""
    driver = drive(sound([(True, 4), (False, 6)] * 4), cuts=range(0, 50 * F, F))
    kinds = [type(entry).__name__ for entry in driver.log if isinstance(entry, Progress) or entry in driver.finals]
    assert kinds == [*["Revision", "Progress"] * 4, "Progress"]  # the last one at the end of all


def test_speech_without_a_pause_has_positions_too() -> None:
    """Each segment is followed by a position at its very end, though the next one follows at once."""
    driver = drive(sound([(True, 200)]), work_counts=[0])
    assert [final.end_sample for final in driver.finals] == driver.progress
    assert len(driver.progress) > 5


def test_less_audio_than_was_known_to_be_silent() -> None:
    """A session that is taken up again and ended within what was known to be silent just ends."""
    position = drive(sound([(True, 6), (False, 40)])).positions[0]
    assert position.memory.classified_samples
    again = drive(sound([(False, 0)], tail=100), flushes=[50], start=position)
    assert again.progress == [position.processed_sample + 100]


def test_a_text_that_stays_is_told_once() -> None:
    """A hypothesis that changes nothing makes no revision."""
    driver = Driver(OPTIONS, recognize=lambda step, _heard, _state: Hypothesis((Word("oh", step.segment_start, F),)))
    driver.session.receive_audio(sound([(True, 20)]).tobytes())
    driver.work_to_end()
    texts = [(text_of(revision.committed), text_of(revision.unstable)) for revision in driver.revisions]
    assert texts == [("", "oh"), ("oh", "")]


def test_the_sender_waits_while_too_much_is_waiting() -> None:
    """There is room until the audio not dealt with reaches its bound, and again once it has been worked on."""
    driver = Driver(dataclasses.replace(OPTIONS, max_waiting_samples=20 * F))
    session = driver.session
    had_room = []
    for frames in (19, 1):
        session.receive_audio(sound([(True, frames)]).tobytes())
        had_room.append(session.has_room)
    driver.work_to_end()
    assert [*had_room, session.has_room] == [True, False, True]


def test_flushes_do_not_pile_up() -> None:
    """Any number of flushes at one place takes the room of one."""
    session = AsrSession(OPTIONS)
    session.receive_audio(bytes(20 * F))
    for _ in range(1000):
        session.receive_flush()
    assert len(session._flushes) == 1
