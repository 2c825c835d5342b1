import ast
import sys
from collections.abc import Iterator

import pytest

from livetranslate.engine.packages import install_command
from tests.model_repository.loading import REPOSITORY, load_describe

ALWAYS_THERE = {"livetranslate", "numpy", "triton_python_backend_utils"}


@pytest.mark.parametrize("model", ["asr_whisper", "asr_whisper_openvino", "mt_ct2", "tts_chatterbox", "tts_piper"])
def test_a_model_says_which_packages_it_needs(model: str) -> None:
    """All that its code imports: else Triton would not start where one is missing, instead of leaving the model out."""
    named = set(load_describe(model).PACKAGES)
    assert set(imported_by(model)) <= named
    assert install_command(named) is None


def imported_by(model: str) -> Iterator[str]:
    """The packages that the files beside `model.py` import, their own and Python's left out."""
    files = list((REPOSITORY / model / "1").glob("*.py"))
    own = {file.stem for file in files} | ALWAYS_THERE | sys.stdlib_module_names
    for file in files:
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [str(node.module)]
            yield from {name.partition(".")[0] for name in names} - own
