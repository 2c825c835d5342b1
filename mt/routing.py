"""Which model translates a pair."""

from livetranslate.directory import ModelDirectory
from livetranslate.errors import InvalidArgumentError
from livetranslate.models import model_for_pair, primary
from mt.job import Route, RouteModel


async def route_to(directory: ModelDirectory, source: str, target: str) -> Route:
    """The way from one language into another.

    Raises:
        InvalidArgumentError: No model goes there (the message lists the pairs there are), or both are one language.
        UnavailableError: The models are not known, because Triton does not answer.
    """
    if primary(source) == primary(target):
        message = f"{target!r} is the language that is spoken ({source!r}). Name a target in another language."
        raise InvalidArgumentError("SAME_LANGUAGE", message, source=source, target=target)
    model, model_source, model_target = await directory.choose(lambda models: model_for_pair(models, source, target))
    return Route(target, (RouteModel(model.name, model_source, model_target, model.takes),))
