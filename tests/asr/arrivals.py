"""Audio that arrives in one of many ways, and sessions that are driven with it."""

import dataclasses
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
from hypothesis import strategies as st

from asr.agreement import AgreementOptions
from asr.audio_buffer import Samples
from asr.endpoint import FRAME_SAMPLES, EndpointOptions
from asr.memory import Memory
from asr.results import Progress, Revision
from asr.sequence_decoding import SequenceDecoding, SequenceOptions
from asr.session import AsrOptions, DecodeStep
from tests.asr.driving import Driver

F = FRAME_SAMPLES
OPTIONS = AsrOptions(
    endpoint=EndpointOptions(
        pre_roll_samples=2 * F,
        pause_samples=5 * F,
        breath_samples=2 * F,
        max_samples=30 * F,
        post_roll_samples=3 * F,
        sure_evidence=0,
    ),
    new_decoding=partial(
        SequenceDecoding,
        SequenceOptions(AgreementOptions(partial_count=2, margin_samples=2 * F, shown_margin_samples=0), 4 * F, 3 * F),
    ),
    classify_frames=2,
)

DOUBTFUL = dataclasses.replace(OPTIONS, endpoint=dataclasses.replace(OPTIONS.endpoint, sure_evidence=1.7))

Runs = Sequence[tuple[bool, int]]
"""Loud and quiet runs of so many frames."""


@dataclasses.dataclass(frozen=True)
class Arrival:
    """Audio, and one of the ways in which it may arrive and be worked on."""

    runs: Runs
    tail: int  # samples of a last frame that is not whole
    cuts: set[int]
    flushes: set[int]
    work_counts: list[int]
    fails_at: set[int]

    def drive(self, options: AsrOptions = OPTIONS) -> Driver:
        return drive(
            self.samples,
            cuts=self.cuts,
            flushes=self.flushes,
            work_counts=self.work_counts,
            fails_at=self.fails_at,
            options=options,
        )

    @property
    def samples(self) -> Samples:
        return sound(self.runs, self.tail)


places = st.sets(st.integers(0, 200 * F), max_size=12)
arrivals = st.builds(
    Arrival,
    runs=st.lists(st.tuples(st.booleans(), st.integers(1, 40)), max_size=8),
    tail=st.integers(0, F - 1),
    cuts=places,
    flushes=places,
    work_counts=st.lists(st.integers(0, 9), min_size=1, max_size=8),
    fails_at=st.sets(st.integers(0, 20)),
)


def sound(runs: Runs, tail: int = 0) -> Samples:
    """Audio of which no two frames sound the same."""
    levels = [1000 if is_loud else 0 for is_loud, frames in runs for _ in range(frames * F)] + [1000] * tail
    noise = np.random.default_rng(7).integers(0, 50, len(levels))
    return (np.array(levels, np.int16) + noise).astype(np.int16)


START = Progress(0, Memory())


def drive(
    samples: Samples,
    *,
    cuts: Iterable[int] = (),
    flushes: Iterable[int] = (),
    work_counts: Sequence[int] = (1000,),
    options: AsrOptions = OPTIONS,
    start: Progress = START,
    fails_at: Iterable[int] = (),
) -> Driver:
    """Sends samples cut into messages, with flushes, doing so many pieces of work after each message."""
    driver = Driver(options, start.processed_sample, start.memory, fails_at=frozenset(fails_at))
    send(driver, samples, cuts=cuts, flushes=flushes, work_counts=work_counts)
    driver.work_to_end()
    assert driver.session.is_done
    return driver


def send(
    driver: Driver,
    samples: Samples,
    *,
    cuts: Iterable[int] = (),
    flushes: Iterable[int] = (),
    work_counts: Sequence[int] = (0,),
) -> None:
    """Sends samples and the end, and works no more than is said."""
    flushed = {place for place in flushes if place <= len(samples)}
    bounds = sorted({0, len(samples)} | flushed | {place for place in cuts if place < len(samples)})
    for number, (start, end) in enumerate(zip([0, *bounds], bounds, strict=False)):
        driver.session.receive_audio(samples[start:end].tobytes())
        if end in flushed:
            driver.session.receive_flush()
        for _ in range(work_counts[number % len(work_counts)]):
            driver.work()
    driver.session.receive_end()


def told(revisions: Iterable[Revision]) -> list[tuple[object, ...]]:
    """What people read of revisions, and where it was said."""
    return [(r.start_sample, r.number, r.is_final, r.end_sample, r.committed, r.unstable) for r in revisions]


def spoken(driver: Driver) -> list[tuple[Any, ...]]:
    """All that must not depend on how the audio arrived, by place: every step, and every text that came of it."""
    return [
        (entry.start_sample, entry.is_start, entry.is_end, entry.decoder_state, entry.samples.tobytes())
        if isinstance(entry, DecodeStep)
        else told([entry])[0]
        for entry in driver.log
        if isinstance(entry, DecodeStep | Revision)
    ]
