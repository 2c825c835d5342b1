"""A segment of which something is still to come."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.events import Target, Transcript, Translation


@dataclass(slots=True)
class OpenSegment:
    """Its newest transcript, and, once that is final, the translations and the speech that are waited for."""

    transcript: Transcript
    untranslated: set[str] = field(default_factory=set)
    unspoken: dict[str, Translation] = field(default_factory=dict)  # by language

    @property
    def is_done(self) -> bool:
        """Whether nothing more will come."""
        return self.transcript.is_final and not self.untranslated and not self.unspoken

    def wants(self, translation: Translation) -> bool:
        """Whether a translation is waited for: one that was given up, or is there already, comes too late."""
        if self.transcript.is_final:
            return translation.language in self.untranslated
        return not translation.is_final

    def keep(self, targets: Iterable[Target]) -> None:
        """Nothing more will come than what these targets ask for."""
        spoken = {target.language: target.speech for target in targets}
        self.untranslated &= spoken.keys()
        self.unspoken = {code: translation for code, translation in self.unspoken.items() if spoken.get(code)}
