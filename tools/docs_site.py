"""Makes a site of pages that link to files outside of docs/, as they do in the repository.

Read by mkdocs (`hooks` in mkdocs.yml). READMEs become pages of the site, links to protos lead to the page of the
protocol, and what is no page, source code mostly, is named instead of linked.
"""

import re
from pathlib import Path
from posixpath import dirname, normpath, relpath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

_ROOT = Path(__file__).parents[1]
_READMES = {"model_repository/README.md": "repository/model_repository.md", "bench/README.md": "repository/bench.md"}
_PICTURES = {f"bench/results/{path.name}": f"repository/{path.name}" for path in _ROOT.glob("bench/results/*.png")}
_LINK = re.compile(r"(?P<mark>!?)\[(?P<text>[^\]]*)\]\((?P<path>(?![a-z]+:|#)[^)#\s]+)(?P<anchor>#[^)]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what lies elsewhere in the repository."""
    for source, page in {**_READMES, **_PICTURES}.items():
        files.append(File.generated(config, page, abs_src_path=str(_ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links to where the pages are on the site."""
    del config, files
    here = page.file.src_uri
    lies = next((source for source, target in _READMES.items() if target == here), f"docs/{here}")

    def lead(link: re.Match[str]) -> str:
        target = normpath(f"{dirname(lies)}/{link['path']}")
        place = _place(target)
        if place is None:
            return f"{link['text']} (`{target}`)"
        return f"{link['mark']}[{link['text']}]({relpath(place, dirname(here) or '.')}{link['anchor'] or ''})"

    return _LINK.sub(lead, markdown)


def _place(path: str) -> str | None:
    """Where a file of the repository is on the site."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if path.startswith("protos/"):
        return "reference/protocol.md"
    if path == "README.md":
        return "index.md"
    return {**_READMES, **_PICTURES}.get(path)
