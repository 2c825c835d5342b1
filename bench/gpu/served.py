"""The same measurements through a real Triton, asked over gRPC."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from bench.engines.served import ServedEngine, served_engine
from bench.engines.subject import Subject
from bench.gpu.batching import Rules
from bench.gpu.capacity import Answer, Trial, find_capacity, may_still_be_carried, trial_of
from bench.gpu.device import watch_memory
from bench.gpu.speaking import Look, looks_of
from bench.gpu.throughput import Throughput
from bench.gpu.windows import padded_audio
from livetranslate.errors import LiveTranslateError
from livetranslate.tensors import Value
from livetranslate.triton import DRAFT_PRIORITY, FINAL_PRIORITY, TritonClient

NAME: Final = "ours, by Triton"
_TIMEOUT_SECONDS: Final = 60
_DRAFT_SECONDS: Final = 1  # as asr has it: what waits for longer is superseded

Ask = Callable[[Look], Awaitable[object]]
"""Asks for an answer to a look, and returns once there is one; raises LiveTranslateError where there is none."""


class _TooLate(Exception):  # noqa: N818 - no error: a trial is over
    pass


def served_throughput(
    subject: Subject, models_folder: Path, seconds: float, used_mib: Callable[[], int | None]
) -> list[Throughput]:
    """Batches of each size, with twice as many requests on their way."""
    before = used_mib() or 0
    found = []
    for batch_size in subject.batch_sizes:
        with watch_memory(used_mib) as peak, served_engine(subject, models_folder, batch_size) as engine:
            rate = engine.throughput(2 * batch_size, seconds).items_per_second
        memory = None if peak.used_mib is None else peak.used_mib - before
        found.append(Throughput(NAME, batch_size, rate, memory))
    return found


def served_capacity(
    subject: Subject, models_folder: Path, rules: Rules, lengths_seconds: Sequence[int], *, seconds: float, most: int
) -> list[Trial]:
    """Sessions in real time, with batches as the model's own configuration has them."""
    with served_engine(subject, models_folder, rules.max_batch_size) as engine:

        def attempt(sessions: int) -> Trial:
            return asyncio.run(_attempt(engine, sessions, lengths_seconds, seconds))

        return find_capacity(attempt, most)


async def serve_in_real_time(sessions: int, looks: Sequence[Look], ask: Ask, batches: Callable[[], int]) -> Trial:
    """Ask for each look when it is due. `batches` tells how many have been formed so far."""
    answers: list[Answer] = []
    before = batches()
    started = time.perf_counter()

    async def answer(look: Look) -> None:
        await asyncio.sleep(started + look.due_seconds - time.perf_counter())
        try:
            await ask(look)
            seconds = time.perf_counter() - started - look.due_seconds
        except LiveTranslateError:  # refused, for there is more to do than can be done
            seconds = float("inf")
        answers.append(Answer(look, seconds))
        if not may_still_be_carried(looks, answers):
            raise _TooLate

    try:
        async with asyncio.TaskGroup() as group:
            for look in looks:
                group.create_task(answer(look))
    except* _TooLate:
        pass  # the trial says it
    return trial_of(sessions, looks, answers, batches() - before)


async def _attempt(engine: ServedEngine, sessions: int, lengths_seconds: Sequence[int], seconds: float) -> Trial:
    client = await engine.client()

    async def ask(look: Look) -> None:
        await _infer(client, engine.model, look, lengths_seconds)

    looks = looks_of(sessions, seconds)
    try:
        await ask(looks[0])
        trial = await serve_in_real_time(sessions, looks, ask, lambda: engine.counts().batches)
        await asyncio.sleep(_DRAFT_SECONDS)  # what a trial has left behind is refused by then,
        await ask(looks[0])  # or answered by now
    finally:
        await client.close()
    return trial


async def _infer(client: TritonClient, model: str, look: Look, lengths_seconds: Sequence[int]) -> None:
    await client.infer(
        model,
        _request(look, lengths_seconds),
        timeout_seconds=_TIMEOUT_SECONDS,
        priority=FINAL_PRIORITY if look.is_final else DRAFT_PRIORITY,
        queue_timeout_seconds=0 if look.is_final else _DRAFT_SECONDS,
    )


def _request(look: Look, lengths_seconds: Sequence[int]) -> Mapping[str, Value]:
    return {
        "AUDIO": padded_audio(look, lengths_seconds),
        "LENGTH": np.array([look.samples], np.int32),
        "LANGUAGE": ["en"],
        "PROMPT": [look.prompt],
    }
