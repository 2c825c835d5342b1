"""What holds for the whole run."""

import os
import shutil
import tempfile

import pytest

_TEMP_ROOT = "PYTEST_DEBUG_TEMPROOT"


def pytest_configure(config: pytest.Config) -> None:
    """Give this run a temporary folder of its own.

    By default runs share one, and each that starts closes it to other users; PostgreSQL, which does not run as root,
    would lose the way to its data.
    """
    if _TEMP_ROOT not in os.environ:
        os.environ[_TEMP_ROOT] = folder = tempfile.mkdtemp(prefix="livetranslate-tests-")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
