from bench.gpu.speaking import Look


def look(due: float, *, final: bool = False, answer_by: float | None = None) -> Look:
    """A look that is due after so many seconds, of a session whose next one is due a second later."""
    return Look(due, due + 1 if answer_by is None else answer_by, 16_000, "", final)
