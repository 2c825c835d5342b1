"""Prints which language pairs the installed apertium-* packages translate.

`language_pairs` are BCP-47; `modes` names Apertium's mode for each of them, in the same order.
"""

import json
import re
import shutil
import sys
from pathlib import Path

MODES = Path("/usr/share/apertium/modes")
INSTALL = "apt-get install apertium-eng-spa"
MODE_NAME = re.compile(r"([a-z]{2,3}(?:_[A-Z]{2})?)-([a-z]{2,3}(?:_[A-Z]{2})?)")
# BCP-47 wants the two letters of ISO 639-1 where a language has them; modes are named by the three of ISO 639-3.
TWO_LETTERS = {
    "afr": "af", "arg": "an", "ara": "ar", "ast": "ast", "bel": "be", "bre": "br", "bul": "bg", "cat": "ca",
    "cym": "cy", "dan": "da", "deu": "de", "ell": "el", "eng": "en", "epo": "eo", "eus": "eu", "fra": "fr",
    "glg": "gl", "hbs": "sh", "hin": "hi", "ind": "id", "isl": "is", "ita": "it", "kaz": "kk", "mkd": "mk",
    "mlt": "mt", "nld": "nl", "nno": "nn", "nob": "nb", "oci": "oc", "pol": "pl", "por": "pt", "ron": "ro",
    "rus": "ru", "slv": "sl", "spa": "es", "srd": "sc", "sme": "se", "swe": "sv", "tat": "tt", "tur": "tr",
    "ukr": "uk", "urd": "ur", "zlm": "ms",
}  # fmt: skip


def language_tag(code: str) -> str:
    """The BCP-47 tag of Apertium's code: `eng` is `en`, `eng_US` is `en-US`."""
    language, _, region = code.partition("_")
    tag = TWO_LETTERS.get(language, language)
    return f"{tag}-{region}" if region else tag


def find_pairs(modes: Path) -> dict[str, str]:
    """The mode of each language pair for which `modes` holds a file; others (variants, debugging) are passed over."""
    names = [MODE_NAME.fullmatch(path.stem) for path in sorted(modes.glob("*.mode"))]
    return {f"{language_tag(name[1])}-{language_tag(name[2])}": name[0] for name in names if name}


def describe(modes: Path) -> dict[str, object]:
    """What the model repository's contract asks for."""
    pairs = find_pairs(modes)
    runnable = bool(pairs) and shutil.which("lt-proc") is not None
    parameters = {"language_pairs": " ".join(pairs), "modes": " ".join(pairs.values())}
    return {"parameters": parameters, "missing": None if runnable else INSTALL}


if __name__ == "__main__":
    json.dump(describe(MODES), sys.stdout)
