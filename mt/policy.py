"""When the translation into a target is committed."""

from dataclasses import dataclass
from enum import StrEnum

from livetranslate.models import primary


class Policy(StrEnum):
    """When a translation is committed; the names are those of `TranslationPolicy` on the wire."""

    UNSPECIFIED = "UNSPECIFIED"
    """As suits the pair of languages."""
    CLAUSES = "CLAUSES"
    """Clause by clause, as soon as its words are committed."""
    SEGMENTS = "SEGMENTS"
    """All of a segment, once it is final."""


@dataclass(frozen=True, slots=True)
class Target:
    """A language to translate into (BCP-47), and when."""

    language_code: str
    policy: Policy = Policy.UNSPECIFIED


# What a clause says must be known to translate it, and its verb says most of it. Between languages that put it in the
# same place a clause can be translated when it ends. Languages that are in none of these groups put it after the
# subject, wherever the clause stands, as English does.
_GROUPS = (
    # The verb comes last: translated from one of them a clause may wait for its verb, into one the rest waits for it.
    "ja ko tr az kk ky uz tk ug mn hi ur bn pa gu mr ne si ta te kn ml fa ku ps am ti ka eu my bo",
    # The verb comes second, and last where the clause is subordinate; participles and infinitives come last.
    "de nl af lb fy gsw nds",
    # The verb comes first.
    "ga gd cy br mg mi haw sm to fil tl",
    # The verb is in its place, but all that describes a noun, also a whole clause, comes before it.
    "zh yue wuu nan",
)
_GROUP_OF = {language: number for number, group in enumerate(_GROUPS) for language in group.split()}


def policy_for(wanted: Policy, source: str, target: str) -> Policy:
    """The policy of a pair of languages, where none was asked for."""
    if wanted is not Policy.UNSPECIFIED:
        return wanted
    is_alike = _GROUP_OF.get(primary(source)) == _GROUP_OF.get(primary(target))
    return Policy.CLAUSES if is_alike else Policy.SEGMENTS
