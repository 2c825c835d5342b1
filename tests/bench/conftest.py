"""The system that small forms of the load tests run against."""

from collections.abc import Iterator

import pytest

from bench.system import running_system
from livetranslate.stack import Stack


@pytest.fixture(scope="package")
def null_system() -> Iterator[Stack]:
    """The whole system, with the engines that cost nothing."""
    with running_system() as stack:
        yield stack
