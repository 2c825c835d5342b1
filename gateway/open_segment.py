"""A segment of which something is still to come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gateway.clauses import Clauses
from gateway.events import Target, Transcript, Translation


@dataclass(slots=True)
class OpenSegment:
    """Its newest transcript, the translations that are waited for once that is final, and what is spoken of them.

    Attributes:
        transcript: The newest.
        before: The final transcripts before it that its translation depends on.
        untranslated: The languages that are waited for.
        told: The newest translation that was told, by language.
        clauses: What is spoken, by language.
    """

    transcript: Transcript
    before: Sequence[Transcript] = ()
    untranslated: set[str] = field(default_factory=set)
    told: dict[str, Translation] = field(default_factory=dict)
    clauses: dict[str, Clauses] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        """Whether nothing more will come."""
        return self.transcript.is_final and not self.untranslated and not self.unspoken

    @property
    def unspoken(self) -> set[str]:
        """The languages in which something is still to be heard."""
        return {language for language, clauses in self.clauses.items() if clauses.unspoken}

    def wants(self, translation: Translation) -> bool:
        """Whether a translation is waited for: one that was given up, or is there already, comes too late."""
        if self.transcript.is_final:
            return translation.language in self.untranslated
        return not translation.is_final

    def keep(self, targets: Iterable[Target]) -> None:
        """Nothing more will come than what these targets ask for."""
        spoken = {target.language: target.speech for target in targets}
        self.untranslated &= spoken.keys()
        for language, clauses in self.clauses.items():
            if not spoken.get(language):
                clauses.unspoken.clear()
