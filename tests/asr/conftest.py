from collections.abc import Iterator

import pytest
from hypothesis import settings

from livetranslate.stack.triton import Triton
from tests.null_triton import null_triton

settings.register_profile("any_machine", deadline=None)
settings.load_profile("any_machine")


@pytest.fixture(scope="session")
def triton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Triton]:
    """A Triton whose recognizer says "word" each half second."""
    with null_triton(tmp_path_factory.mktemp("triton")) as running:
        yield running
