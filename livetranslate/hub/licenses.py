"""The licences of all weights that can be pulled, as a page: `docs/licenses.md`."""

from collections.abc import Iterable
from typing import Final

from livetranslate.hub.manifest import Offer

_HEAD: Final = """\
# Licences of the weights

LiveTranslate is Apache-2.0, and comes without weights. What `livetranslate models pull` fetches has the licences below.
This page is made from `model_repository/manifest.toml` by `tools/generate-licenses`.

"Commercial use" is what the licences say, and no legal advice. What is not a plain yes is in no profile's set, and is
pulled with `--accept-license` only. Most licences want the authors to be credited: the last column says whom.

"Verified by" is who vouches for the bytes. `manifest`: the SHA-256 of every file is known before it is fetched. `hub`:
the digests are those that the hub states at the first pull; they are kept, and later pulls have to match them.
"""
_HEADINGS: Final = ("weights", "licence", "commercial use", "in the set of", "verified by", "source", "credit")


def render_licenses(offers: Iterable[Offer]) -> str:
    """The page, as Markdown."""
    known = list(offers)
    lines = [_HEAD, _line(_HEADINGS), _line("---" for _ in _HEADINGS)]
    lines += [_line(_row(offer)) for offer in known]
    notes = [f"- `{offer.name}`: {offer.note}" for offer in known if offer.note]
    if notes:
        lines += ["", "## Notes", "", *notes]
    return "\n".join(lines) + "\n"


def _row(offer: Offer) -> tuple[str, ...]:
    page = f"https://huggingface.co/{offer.repo}/tree/{offer.revision}"
    return (
        f"`{offer.name}`",
        offer.license,
        offer.commercial_use if offer.commercial_use == "yes" else f"**{offer.commercial_use}**",
        ", ".join(offer.default_for),
        "manifest" if offer.is_pinned else "hub",
        f"[{offer.repo}]({page}/{offer.folder})" if offer.folder else f"[{offer.repo}]({page})",
        offer.attribution,
    )


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
