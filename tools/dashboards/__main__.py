"""`python -m tools.dashboards FOLDER`: write each dashboard to a file of its name."""

import json
import sys
from pathlib import Path

from tools.dashboards import asr, gateway, mt, service, triton, tts

DASHBOARDS = tuple(module.DASHBOARD for module in (service, gateway, asr, mt, tts, triton))


def main(folder: Path) -> None:
    """Write them all."""
    for dashboard in DASHBOARDS:
        text = json.dumps(dashboard.to_json(), indent=2, ensure_ascii=False)
        (folder / f"{dashboard.name}.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
