"""What the parts of a system under test are given of this process's environment."""

import os
from collections.abc import Mapping

from bench.system import ROOMY

ENVIRONMENT: Mapping[str, str] = {
    **{name: value for name, value in os.environ.items() if not name.startswith("LIVETRANSLATE_")},
    **ROOMY,
}
"""None of our own settings, but a gateway that is never too busy: the machine may be as slow as it likes."""
