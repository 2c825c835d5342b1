"""The shell of the keeper: moves facts and work between holders, the core and Triton."""

import asyncio
from asyncio import Future
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import structlog

from livetranslate.errors import DeadlineExceededError, LiveTranslateError, UnavailableError
from livetranslate.keeper.control import ModelControl
from livetranslate.keeper.memory import ModelMemory, Refusal, Step, StepKind
from livetranslate.keeper.metrics import KeeperMetrics
from livetranslate.keeper.repository import ModelDescription, read_repository

log = structlog.get_logger()

Ask = Callable[[Sequence[str]], Awaitable[Sequence[Refusal]]]
"""Says which models are needed from now on; returns, once all others are loaded, those that cannot be had."""

OnChange = Callable[[ModelMemory], None]
"""Is shown the models whenever something may have changed."""

_LOOK_SECONDS: Final = 1.0  # a Triton that was restarted has the models back that are held, a second later
_START_SECONDS: Final = 0.05


class Keeper:
    """Keeps the models of one Triton."""

    def __init__(
        self,
        memory: ModelMemory,
        control: ModelControl,
        repository: Path,
        *,
        load_timeout_seconds: float,
        metrics: KeeperMetrics,
        on_change: OnChange = lambda _memory: None,
    ) -> None:
        """Do nothing yet; `memory` is not touched by anybody else."""
        self.memory = memory
        self._control = control
        self._repository = repository
        self._load_timeout_seconds = load_timeout_seconds
        self._metrics = metrics
        self._on_change = on_change
        self._descriptions: Mapping[str, ModelDescription] = {}
        self._names: frozenset[str] = frozenset()  # of the models that Triton sees
        self._answers: dict[Hashable, Future[Sequence[Refusal]]] = {}
        self._has_news = asyncio.Event()
        self._clock = asyncio.get_running_loop().time

    @property
    def descriptions(self) -> Mapping[str, ModelDescription]:
        """What the models say of themselves, by name."""
        return self._descriptions

    async def wait_for_triton(self, timeout_seconds: float) -> None:
        """Wait until Triton answers, and see what it has.

        Raises:
            UnavailableError: It does not in time.
        """
        try:
            async with asyncio.timeout(timeout_seconds):
                while not await self._look():  # noqa: ASYNC110 - there is no event to wait for
                    await asyncio.sleep(_START_SECONDS)
        except TimeoutError:
            message = (
                f"Triton does not answer at {self._control.address}. Start it with --model-control-mode=explicit, or "
                "set LIVETRANSLATE_TRITON_URL to the gRPC address of a running one."
            )
            raise UnavailableError("TRITON_UNAVAILABLE", message) from None

    @asynccontextmanager
    async def holding(self) -> AsyncIterator[Ask]:
        """Be a holder while the block runs; what it holds is let go of however it ends."""
        holder = object()

        async def ask(models: Sequence[str]) -> Sequence[Refusal]:
            answer: Future[Sequence[Refusal]] = asyncio.get_running_loop().create_future()
            self._answers[holder] = answer
            self.memory.receive_need(holder, models, self._clock())
            self._has_news.set()
            return await answer

        try:
            yield ask
        finally:
            self._answers.pop(holder, None)
            self.memory.receive_end(holder, self._clock())
            self._has_news.set()

    async def run(self) -> None:
        """Load and unload until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch())
            while True:
                for step in self.memory.steps_to_start(self._clock()):
                    tasks.create_task(self._do(step))
                self._hand_out_answers()
                self._metrics.show(self.memory)
                self._on_change(self.memory)
                await self._wait_for_news()

    def _hand_out_answers(self) -> None:
        for answer in self.memory.answers_to_send():
            for refusal in answer.refusals:
                self._metrics.count_refusal(refusal)
                log.info("model refused", model=refusal.model, reason=refusal.reason)
            waiting = self._answers.pop(answer.holder)
            if not waiting.done():  # its holder may just be leaving
                waiting.set_result(answer.refusals)

    async def _wait_for_news(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self.memory.due_seconds(self._clock())):
                await self._has_news.wait()
        self._has_news.clear()

    async def _watch(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(_LOOK_SECONDS)

    async def _look(self) -> bool:
        """See what Triton has; whether it answers."""
        change_count = self.memory.change_count
        try:
            states = await self._control.states()
        except LiveTranslateError:
            self.memory.receive_triton_away()
            return False
        if states.keys() != self._names:
            self._names = frozenset(states)
            self._descriptions = await asyncio.to_thread(read_repository, self._repository)
            self.memory.receive_models({name: model.memory_bytes for name, model in self._descriptions.items()})
        if change_count == self.memory.change_count:  # otherwise it is out of date
            self.memory.receive_triton(states, self._clock())
        self._has_news.set()
        return True

    async def _do(self, step: Step) -> None:
        try:
            if step.kind is StepKind.LOAD:
                await self._load(step.model)
            else:
                await self._control.unload(step.model)
                self.memory.receive_unloaded(step.model)
                self._metrics.count_unload(step.model)
                log.info("model unloaded", model=step.model)
        except LiveTranslateError as error:
            log.warning("model control failed", model=step.model, reason=error.reason, error=error.message)
            if step.kind is StepKind.UNLOAD or isinstance(error, UnavailableError):
                self.memory.receive_interruption(step.model)
            else:
                self.memory.receive_load_failure(step.model, error.message, self._clock())
            if isinstance(error, DeadlineExceededError):
                self.memory.receive_triton_away()  # it goes on loading: nothing begins before that has been seen
        self._has_news.set()

    async def _load(self, model: str) -> None:
        began_seconds = self._clock()
        await self._control.load(model, self._load_timeout_seconds)
        seconds = self._clock() - began_seconds
        self.memory.receive_loaded(model, self._clock())
        self._metrics.count_load(model, seconds)
        log.info("model loaded", model=model, seconds=round(seconds, 3))
