"""Translates texts by pipelines that are started when first needed and again when they fail."""

from collections.abc import Sequence
from pathlib import Path

from apertium_mode import read_mode
from apertium_pipeline import Pipeline, PipelineDiedError, PipelineTimeoutError
from apertium_text import from_stream, to_stream, without_shifted_capitals

TIMEOUT_SECONDS = 3.0  # for one text; the longest takes 0.1 s
ATTEMPTS = 2  # a pipeline that was killed from outside is no fault of the text


class Translator:
    """One pipeline for one language pair."""

    def __init__(self, mode: Path) -> None:
        self.programs = read_mode(mode)
        self.pipeline: Pipeline | None = None

    def start(self) -> None:
        """Starts the pipeline, unless it runs; its programs read their dictionaries by themselves, in 0.3 to 2 s."""
        if self.pipeline is None:
            self.pipeline = Pipeline(self.programs)

    def translate(self, texts: Sequence[str]) -> list[str | None]:
        """The translation of each text; None for one that the pipeline cannot translate."""
        results: list[str | None] = []
        attempt = 1
        while len(results) < len(texts):
            left = texts[len(results) :]
            answers, timed_out = self._exchange([to_stream(text) for text in left])
            read = zip(left, map(from_stream, answers), strict=False)  # where the pipeline failed, answers are missing
            results.extend(without_shifted_capitals(text, translation) for text, translation in read)
            attempt = 1 if answers else attempt + 1
            if len(results) < len(texts) and (timed_out or attempt > ATTEMPTS):
                results.append(None)  # the first without an answer is the one that the pipeline failed on
                attempt = 1
        return results

    def stop(self) -> None:
        """Ends the pipeline, if it runs."""
        if self.pipeline is not None:
            self.pipeline.stop()
            self.pipeline = None

    def _exchange(self, texts: Sequence[bytes]) -> tuple[list[bytes], bool]:
        """The answers that came before the first failure, and whether that was a timeout."""
        self.start()
        try:
            return self.pipeline.exchange(texts, TIMEOUT_SECONDS), False
        except (PipelineTimeoutError, PipelineDiedError) as error:
            self.stop()
            return error.answers, isinstance(error, PipelineTimeoutError)
