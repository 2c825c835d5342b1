"""Which models translate a pair, and keeping them in memory while a session needs them."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from livetranslate.directory import ModelDirectory
from livetranslate.errors import InvalidArgumentError, LiveTranslateError
from livetranslate.holding import Holds
from livetranslate.models import models_for_pair, primary
from mt.job import Route, RouteModel

_MOST_MODELS = 3  # a weak translation is tried again so often at most: what a fourth model says comes too late


class Routes:
    """The ways of one session."""

    def __init__(self, directory: ModelDirectory, holds: Holds) -> None:
        """Hold nothing yet; what is held is released by whoever owns `holds`."""
        self._directory = directory
        self._holds = holds
        self._models: dict[str, set[str]] = {}  # those held, by target

    async def find(self, source: str, target: str) -> Route:
        """The way from one language into another, its models in memory; one that cannot be had is passed over.

        Raises:
            InvalidArgumentError: No model goes there (the message lists the pairs there are), or both are one language.
            UnavailableError: The models are not known, because Triton does not answer.
            LiveTranslateError: None of them can be had (see `Holds.hold`); the reason is that of the first.
        """
        route = await route_to(self._directory, source, target)
        errors = await asyncio.gather(*(self._hold(model) for model in route.models))
        models = tuple(model for model, error in zip(route.models, errors, strict=True) if error is None)
        if not models:
            raise next(error for error in errors if error is not None)
        self._models.setdefault(target, set()).update(model.name for model in models)
        return replace(route, models=models)

    def keep_only(self, targets: Iterable[str]) -> None:
        """Release what only other targets need."""
        self._models = {target: self._models[target] for target in targets if target in self._models}
        self._holds.keep_only(model for models in self._models.values() for model in models)

    async def _hold(self, model: RouteModel) -> LiveTranslateError | None:
        try:
            await self._holds.hold(model.name)
        except LiveTranslateError as error:
            return error
        return None


async def route_to(directory: ModelDirectory, source: str, target: str) -> Route:
    """The way from one language into another.

    Raises:
        InvalidArgumentError: No model goes there (the message lists the pairs there are), or both are one language.
        UnavailableError: The models are not known, because Triton does not answer.
    """
    if primary(source) == primary(target):
        message = f"{target!r} is the language that is spoken ({source!r}). Name a target in another language."
        raise InvalidArgumentError("SAME_LANGUAGE", message, source=source, target=target)
    chain = await directory.choose(lambda models: models_for_pair(models, source, target))
    models = (RouteModel(model.name, a, b, model.takes) for model, a, b in chain[:_MOST_MODELS])
    return Route(target, tuple(models))
