"""Translation of jobs: terms kept, quality judged, and where it is weak another model asked."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

from livetranslate import names
from livetranslate.errors import LiveTranslateError, ResourceExhaustedError
from livetranslate.language_id import prepare
from livetranslate.telemetry import start_span, traceparent_of
from livetranslate.triton import TRANSIENT, TritonClient
from mt.inference import Inference, Output, retrying
from mt.job import Job, JobKind, Route, RouteModel, Translation
from mt.quality import Rating, rate
from mt.settings import MtSettings
from mt.terms import MarkedText

Translate = Callable[[Job, float], Awaitable[Translation]]
"""Translates a job that has waited so many seconds since its segment came."""

Ask = Callable[[str], Awaitable[Output]]
"""Has one model translate one text."""

_PATIENCE_WITH_ANOTHER_SECONDS = 1.0  # with a model that is full, while there is another: captions wait for it
_REST_SECONDS = 1.0  # a model that has failed is asked after the others: it must not cost every clause an attempt
_LONG_CHARACTERS = 1000  # judging 10,000 takes 15 ms: too long for the event loop


class TritonTranslator:
    """The models behind one Triton, in chains."""

    def __init__(self, triton: TritonClient, settings: MtSettings) -> None:
        """Use a connection that others may use too."""
        self._inference = Inference(triton, settings)
        self._quality_threshold = settings.quality_threshold
        self._patience_with_another_seconds = min(_PATIENCE_WITH_ANOTHER_SECONDS, settings.final_patience_seconds)
        self._best_at_last = retrying(settings.final_patience_seconds, *TRANSIENT).wraps(self._best)
        self._prepared: frozenset[str] = frozenset()
        self._resting: dict[str, float] = {}  # models that have failed, and until when by the event loop's clock

    async def prepare(self, languages: Iterable[str]) -> None:
        """Load what tells languages apart; those that are loaded cost nothing."""
        if missing := frozenset(languages) - self._prepared:
            await asyncio.to_thread(prepare, missing)
            self._prepared |= missing

    async def translate(self, job: Job, waited_seconds: float = 0.0) -> Translation:
        """Translate a job; what is committed has a span, dated back to when its segment came.

        A draft is what one model makes of it. A clause goes to the next model where a translation is weak or the model
        fails; the best translation counts. While all are away or full, they are asked again and again.

        Raises:
            LiveTranslateError: As `TritonClient.infer`.
        """
        first = self._in_turn(job.route)[0]
        if job.kind is JobKind.DRAFT:
            translation, _ = await _with_terms(job, first, partial(self._inference.ask, first, job))
            return translation
        attributes: dict[str, str | bool] = {
            names.SEGMENT_ID: job.segment.segment_id,
            names.LANGUAGE: job.route.language_code,
            names.MODEL: first.name,
            names.IS_FINAL: True,
        }
        parent = job.segment.traceparent
        span = start_span(names.MT_SPAN, parent, start_seconds_ago=waited_seconds, attributes=attributes)
        try:
            translation = await self._best_at_last(job, traceparent_of(span))
            span.set_attribute(names.MODEL, translation.model)
            return replace(translation, traceparent=traceparent_of(span))
        finally:
            span.end()

    async def _best(self, job: Job, traceparent: str) -> Translation:
        """The translation of the first model of the chain that is good enough, else the best of all.

        Raises:
            LiveTranslateError: All have failed; one that may succeed when asked again, if there is one.
        """
        tried: list[Translation] = []
        failures: list[LiveTranslateError] = []
        chain = self._in_turn(job.route)
        for model in chain:
            patience_seconds = 0.0 if model is chain[-1] else self._patience_with_another_seconds
            try:
                tried.append(await self._judged(job, model, patience_seconds, traceparent))
            except LiveTranslateError as error:
                failures.append(error)
                self._note_failure(model, error)
            else:
                if tried[-1].quality >= self._quality_threshold:
                    break
        if not tried:
            raise next((error for error in failures if isinstance(error, TRANSIENT)), failures[0])
        best = max(tried, key=lambda translation: translation.quality)
        return replace(
            best,
            model_seconds=sum(translation.model_seconds for translation in tried),
            rejected_models=tuple(translation.model for translation in tried if translation is not best),
        )

    def _in_turn(self, route: Route) -> Sequence[RouteModel]:
        """The models of a route, those that rest behind the others."""
        now_seconds = asyncio.get_running_loop().time()
        return sorted(route.models, key=lambda model: self._resting.get(model.name, now_seconds) > now_seconds)

    def _note_failure(self, model: RouteModel, error: LiveTranslateError) -> None:
        if isinstance(error, TRANSIENT) and not isinstance(error, ResourceExhaustedError):
            self._resting[model.name] = asyncio.get_running_loop().time() + _REST_SECONDS

    async def _judged(self, job: Job, model: RouteModel, patience_seconds: float, traceparent: str) -> Translation:
        """One model's translation and its quality; while it is full it is asked again."""
        ask = retrying(patience_seconds, ResourceExhaustedError).wraps(
            partial(self._inference.ask, model, job, traceparent=traceparent)
        )
        translation, score = await _with_terms(job, model, ask)
        rating = await self._rating(job, model, translation, score)
        return replace(translation, quality=rating.quality, reasons=rating.reasons)

    async def _rating(self, job: Job, model: RouteModel, translation: Translation, score: float | None) -> Rating:
        await self.prepare((model.source, model.target))
        judge = partial(
            rate,
            job.text,
            translation.text,
            model.source,
            model.target,
            score=score,
            are_terms_missed=bool(translation.missed_terms),
        )
        if max(len(job.text), len(translation.text)) > _LONG_CHARACTERS:
            return await asyncio.to_thread(judge)
        return judge()


async def _with_terms(job: Job, model: RouteModel, ask: Ask) -> tuple[Translation, float | None]:
    """A translation that has the glossary's terms, as far as the model lets it, and its score.

    A model that loses a placeholder is asked again without: it may know the terms.
    """
    marked = MarkedText(job.text, job.glossary, job.route.language_code)
    output = await ask(marked.text)
    restored = marked.restored(output.text) if marked.is_marked else None
    if restored is not None:
        return Translation(restored, output.seconds, model=model.name), output.score
    seconds = output.seconds
    if marked.is_marked:
        output = await ask(job.text)
        seconds += output.seconds
    missed = marked.missed_in(output.text)
    return Translation(output.text, seconds, model=model.name, missed_terms=missed), output.score
