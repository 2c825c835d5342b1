from pathlib import Path

from tests.model_repository.loading import load_sibling

apertium_mode = load_sibling("mt_apertium", "apertium_mode")


def test_each_program_flushes_and_the_open_arguments_are_filled(tmp_path: Path) -> None:
    """`-z` follows each program, `$1` shows unknown words as they are, `$2` is dropped, quotes are the shell's."""
    mode = tmp_path / "x-y.mode"
    mode.write_text("lt-proc '/a b.bin' | apertium-tagger -g $2 '/t.prob' | lt-proc $1 '/g.bin'\n")
    assert apertium_mode.read_mode(mode) == [
        ["lt-proc", "-z", "/a b.bin"],
        ["apertium-tagger", "-z", "-g", "/t.prob"],
        ["lt-proc", "-z", "-n", "/g.bin"],
    ]
