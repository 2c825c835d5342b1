"""Writes the reference pages into a folder: `python -m tools.reference FOLDER`."""

import sys
from pathlib import Path

from tools.reference.metrics import metrics_page
from tools.reference.protocol import protocol_page
from tools.reference.settings import settings_page

ROOT = Path(__file__).parents[2]


def main(folder: Path) -> None:
    pages = {"protocol": protocol_page(ROOT), "settings": settings_page(), "metrics": metrics_page()}
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
