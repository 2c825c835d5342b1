"""What a busy server leaves out of the sessions that run, step by step: what can be missed, and nothing final."""

from enum import IntEnum


class Degradation(IntEnum):
    """What is left out; each step has those before it. The names are those of `Degradation` on the wire."""

    NONE = 0
    WIDER_STEPS = 1
    NO_DRAFTS = 2
    NO_PARTIALS = 3

    @property
    def sentence(self) -> str:
        """What a client is told when it begins."""
        return _SENTENCES[self]

    @property
    def harder(self) -> "Degradation":
        """The next step; the last one is followed by itself."""
        return Degradation(min(self + 1, Degradation.NO_PARTIALS))

    @property
    def milder(self) -> "Degradation":
        """The step before; nothing is before the first."""
        return Degradation(max(self - 1, Degradation.NONE))


_SENTENCES = {
    Degradation.NONE: "The server has time again: nothing is left out any more.",
    Degradation.WIDER_STEPS: "The server is busy: partial text comes in wider steps. Finals are complete, as ever.",
    Degradation.NO_DRAFTS: (
        "The server is busy: text is translated once it is committed, and not before. Finals are complete, as ever."
    ),
    Degradation.NO_PARTIALS: (
        "The server is busy: only final text comes, none that grows. Finals are complete, as ever."
    ),
}
