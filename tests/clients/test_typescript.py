"""The client in TypeScript, against the running system."""

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

FOLDER = CLIENTS / "typescript"


@pytest.fixture(scope="module")
def package() -> Package:
    """The examples, compiled; with the libraries that the lock file names."""
    node, npm = needed_program("node"), needed_program("npm")
    installed = FOLDER / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < (FOLDER / "package-lock.json").stat().st_mtime:
        install(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=FOLDER)
    check(npm, "run", "build", folder=FOLDER)
    examples = FOLDER / "dist" / "examples"
    return Package((node, str(examples / "captions.js")), (node, str(examples / "viewer.js")))


def test_its_own_tests_pass(package: Package) -> None:
    """The core's, which need no server."""
    tests = sorted(str(path) for path in (FOLDER / "dist" / "test").glob("*.test.js"))
    check(needed_program("node"), "--test", *tests, folder=FOLDER)


def test_its_stubs_are_what_the_protos_say(package: Package) -> None:
    """They are committed, so that who uses the package needs no compiler of protos."""
    needed_program("buf")
    check(str(CLIENTS / "generate"), "--check", "typescript", folder=CLIENTS)
