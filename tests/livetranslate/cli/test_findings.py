from rich.console import Console

from livetranslate.cli.findings import Finding, listing


def drawn(finding: Finding, width: int) -> str:
    console = Console(width=width)
    with console.capture() as capture:
        console.print(listing([finding]))
    return capture.get()


def test_commands_are_shown_to_the_letter() -> None:
    """Square brackets are not taken for markup."""
    to_do = "pip install 'livetranslate[embedded]'"
    assert to_do in drawn(Finding("PostgreSQL", "not found", to_do), 100)


def test_nothing_is_cut_off() -> None:
    """A long name goes on in the next line where the screen is narrow."""
    assert "…" not in drawn(Finding("models", "none", "set LIVETRANSLATE_MODEL_REPOSITORY"), 30)
