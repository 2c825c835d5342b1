"""A segment of which something is still to come."""

from dataclasses import dataclass, field

from gateway.events import Translation


@dataclass(slots=True)
class OpenSegment:
    """Where it is, and in which languages its translation and its speech are waited for once it is final."""

    start_sample: int
    end_sample: int
    is_final: bool = False
    untranslated: set[str] = field(default_factory=set)
    unspoken: set[str] = field(default_factory=set)

    @property
    def is_done(self) -> bool:
        """Whether nothing more will come."""
        return self.is_final and not self.untranslated and not self.unspoken

    def wants(self, translation: Translation) -> bool:
        """Whether a translation is waited for: one that was given up comes too late."""
        if self.is_final:
            return translation.language in self.untranslated
        return not translation.is_final

    def give_up(self, language: str) -> None:
        """Nothing more will come in a language."""
        self.untranslated.discard(language)
        self.unspoken.discard(language)
