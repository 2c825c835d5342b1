"""The models for one task that Triton serves, as a service knows them."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from livetranslate.errors import DependencyError, InternalError, InvalidArgumentError
from livetranslate.holding import Holds
from livetranslate.models import Model
from livetranslate.triton import TritonClient

Choice = TypeVar("Choice")

_REFRESH_SECONDS = 5  # how soon a wrong language may ask Triton again


class ModelDirectory:
    """The models known, asked for anew when one is missing: models may be loaded while we run.

    They stay known while Triton is away, and while one that has just started has none ready yet: its restart refuses
    nobody.
    """

    def __init__(self, triton: TritonClient, task: str) -> None:
        """Know nothing yet."""
        self._triton = triton
        self._task = task
        self._models: Sequence[Model] = ()
        self._refreshed = -_REFRESH_SECONDS * 1.0
        self._lock = asyncio.Lock()

    async def models(self) -> Sequence[Model]:
        """All models for the task.

        Raises:
            UnavailableError: Triton does not answer, and never did.
        """
        await self._refresh()
        return self._models

    def holds(self) -> Holds:
        """What one session holds in memory of them."""
        return self._triton.holds()

    async def choose(self, choice: Callable[[Sequence[Model]], Choice]) -> Choice:
        """Apply a choice that raises `InvalidArgumentError` where nothing fits; it may be asked twice."""
        if self._models:
            try:
                return choice(self._models)
            except InvalidArgumentError:
                await self._refresh()
        return choice(await self.models())

    async def _refresh(self) -> None:
        async with self._lock:
            if self._models and time.monotonic() - self._refreshed < _REFRESH_SECONDS:
                return
            try:
                self._models = await self._triton.models(self._task) or self._models
            except (DependencyError, InternalError):
                if not self._models:
                    raise
            self._refreshed = time.monotonic()
