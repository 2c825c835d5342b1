"""Which models translate a pair."""

from livetranslate.directory import ModelDirectory
from livetranslate.errors import InvalidArgumentError
from livetranslate.models import models_for_pair, primary
from mt.job import Route, RouteModel

_MOST_MODELS = 3  # a weak translation is tried again so often at most: what a fourth model says comes too late


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
