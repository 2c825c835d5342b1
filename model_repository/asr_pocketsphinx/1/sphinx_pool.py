"""A fixed number of decoders, lent to one utterance at a time each."""

from collections import OrderedDict
from collections.abc import Sequence

from pocketsphinx import Decoder
from sphinx_utterance import Utterance

from livetranslate.engine.batch import RefusedError
from livetranslate.engine.transcript import Word


class UnknownSequenceError(RefusedError):
    """The sequence has no utterance: it never started, or its decoder was taken away while it was silent."""

    def __init__(self) -> None:
        super().__init__("the sequence was given up while it was silent; it must specify the START flag again")


class DecoderPool:
    """The utterances under way, by sequence."""

    def __init__(self, decoders: Sequence[Decoder]) -> None:
        self._free = list(decoders)
        self._utterances: OrderedDict[int, Utterance] = OrderedDict()  # least recently heard first

    def start(self, sequence: int, state: bytes) -> None:
        """Begins an utterance; one that the sequence had is abandoned.

        Triton never runs more sequences than there are decoders, but does not say when it gave up an idle one. Where
        none is free, the one heard least recently is of a sequence that Triton has given up.

        Raises:
            StateError: The state was not made by this model.
        """
        if sequence in self._utterances:
            self._take_back(self._utterances.pop(sequence))
        elif not self._free:
            self._take_back(self._utterances.popitem(last=False)[1])
        self._utterances[sequence] = Utterance(self._free[-1], state)
        self._free.pop()  # only now: a refused state keeps no decoder

    def hear(self, sequence: int, audio: bytes) -> list[Word]:
        """Gives audio to a sequence's utterance and returns its words so far.

        Raises:
            UnknownSequenceError: It has none.
        """
        if sequence not in self._utterances:
            raise UnknownSequenceError
        self._utterances.move_to_end(sequence)
        return self._utterances[sequence].hear(audio)

    def end(self, sequence: int) -> tuple[list[Word], bytes]:
        """Ends a sequence's utterance; its decoder is free again. Returns the words and the decoder's state.

        Raises:
            UnknownSequenceError: It has none.
        """
        if sequence not in self._utterances:
            raise UnknownSequenceError
        utterance = self._utterances.pop(sequence)
        self._free.append(utterance.decoder)
        return utterance.end()

    def _take_back(self, utterance: Utterance) -> None:
        utterance.abandon()
        self._free.append(utterance.decoder)
