"""The client in Go, against the running system."""

from pathlib import Path

import pytest

from tests.clients.any_language import (  # noqa: F401 - run again here, on this package
    test_a_gateway_that_comes_back_at_its_address_is_found,
    test_a_killed_gateway_costs_no_word,
    test_a_viewer_is_told_every_final,
    test_an_address_that_does_not_answer_is_passed_over,
    test_an_error_of_the_caller_ends_it,
)
from tests.clients.package import CLIENTS, Package, check, install
from tests.programs import needed_program

FOLDER = CLIENTS / "go"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The examples, compiled; with the modules that `go.sum` names."""
    go = needed_program("go")
    install(go, "mod", "download", folder=FOLDER)
    programs: Path = tmp_path_factory.mktemp("go")
    check(go, "build", "-o", f"{programs}/", "./examples/...", folder=FOLDER)
    return Package((str(programs / "captions"),), (str(programs / "viewer"),))


def test_its_own_tests_pass(package: Package) -> None:
    """The core's, which need no server."""
    check(needed_program("go"), "test", ".", folder=FOLDER)


def test_its_stubs_are_what_the_protos_say(package: Package) -> None:
    """They are committed, so that who uses the package needs no compiler of protos."""
    needed_program("buf")
    check(str(CLIENTS / "generate"), "--check", "go", folder=CLIENTS)
