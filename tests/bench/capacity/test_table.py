from dataclasses import replace
from io import StringIO

from rich.console import Console
from rich.table import Table

from bench.capacity.table import cpu_table, latency_table, summary
from tests.bench.capacity.outcomes import OUTCOME


def printed(table: Table) -> list[str]:
    output = StringIO()
    Console(file=output, width=160).print(table)
    return output.getvalue().splitlines()


def row(lines: list[str], *words: str) -> str:
    return next(line for line in lines if all(word in line for word in words))


def test_each_number_says_whether_it_is_carried() -> None:
    """With the bound that is broken, and the engine alone below."""
    lines = printed(latency_table(OUTCOME))
    assert "yes" in row(lines, "10  (RTFX 9.0)")
    assert "NO: commit lag: not all came" in row(lines, "12  (RTFX")
    assert "never" in row(lines, "12  (RTFX")
    assert "1,200" in row(lines, "12  alone")


def test_services_are_summed_up() -> None:
    """Triton, Postgres and the load stand beside the sum."""
    assert "6.00" in row(printed(cpu_table(OUTCOME)), "10", "1.50")


def test_the_answer_in_sentences() -> None:
    """How many, what is left of the bare engine, and what knocking did."""
    text = "\n".join(summary(OUTCOME))
    assert "embedded: 10 sessions are carried, 12 are not (aim: " in text
    assert "0.83 of it" in text
    assert "2 were let in, 17 were refused (try again in 1.0 to 4.5 s), 1 failed (1 BROKEN)" in text
    assert "+5% (at most +20%)" in text
    assert "no larger number was tried" in summary(replace(OUTCOME, refused=None))[0]
