"""What it costs to translate clause by clause, with a real engine."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sacrebleu.metrics.bleu import BLEU

from livetranslate.glossary import Glossary
from mt.answer import Revision
from mt.job import Route, RouteModel, Segment, Translation
from mt.passage import Passage
from mt.policy import Policy, Target
from tests.model_repository.loading import load_sibling

MODE = Path("/usr/share/apertium/modes/eng-spa.mode")
TALK = Path(__file__).parents[3] / "shared" / "data" / "talk" / "talk.tsv"
ROUTE = Route("es", (RouteModel("mt_apertium", "en", "es"),))

Translator = Callable[[str], str]


@pytest.fixture(scope="module")
def translator() -> Iterator[Translator]:
    if not MODE.exists():
        pytest.skip("apt-get install apertium-eng-spa")
    pipeline = load_sibling("mt_apertium", "apertium_translator").Translator(MODE)
    yield lambda text: pipeline.translate([text])[0]
    pipeline.stop()


@pytest.fixture(scope="module")
def talk() -> list[tuple[str, str]]:
    """What is said, as a recognizer writes it that hears no commas, and what a person makes of it."""
    if not TALK.exists():
        pytest.skip(f"there is no {TALK}")
    with TALK.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [(row["english"].replace(",", ""), row["spanish"]) for row in rows]


def translated(source: str, policy: Policy, translator: Translator) -> tuple[str, list[str]]:
    """The translation of a segment, and the clauses that it was made of."""
    passage = Passage(Target("es", policy), Glossary(), ())
    passage.receive(Segment("1", 1, source, is_final=True, language_code="en"), ROUTE)
    clauses = []
    while jobs := passage.jobs_to_start():
        for job in jobs:
            clauses.append(job.text)
            passage.receive_translation(job, Translation(translator(job.text)))
    *_, answer = iter(passage.answer_to_send, None)
    assert isinstance(answer, Revision)
    return answer.committed_text, clauses


def test_clauses_are_short_and_translated_as_well(translator: Translator, talk: list[tuple[str, str]]) -> None:
    """A clause has half the words of a sentence, and BLEU is at least 95 % of that of whole sentences."""
    sources, references = zip(*talk, strict=True)
    by_clauses = [translated(source, Policy.CLAUSES, translator) for source in sources]
    wholes = [translated(source, Policy.SEGMENTS, translator) for source in sources]
    assert [clauses for _, clauses in wholes] == [[source] for source in sources]
    scores = [BLEU().corpus_score([text for text, _ in texts], [references]).score for texts in (by_clauses, wholes)]
    assert scores[0] >= 0.95 * scores[1] > 25
    word_counts = [len(clause.split()) for _, clauses in by_clauses for clause in clauses]
    assert sum(word_counts) / len(word_counts) < 7
    assert max(word_counts) <= 12
