"""Apertium's mode files: a shell pipeline that translates one language into another."""

import shlex
from pathlib import Path


def read_mode(path: Path) -> list[list[str]]:
    """The programs of a mode file, first to last, each as an argument list that flushes at every NUL.

    The file leaves two arguments open: `$1` is how the generator shows unknown words (`-n`: as they are), `$2` asks
    the tagger for all readings, which nobody wants here.
    """
    programs = [shlex.split(part) for part in path.read_text(encoding="utf-8").strip().split("|")]
    return [_flushing(program) for program in programs]


def _flushing(program: list[str]) -> list[str]:
    name, *arguments = ["-n" if word == "$1" else word for word in program if word != "$2"]
    return [name, "-z", *arguments]
