"""One utterance in one PocketSphinx decoder: audio in, words and the decoder's state out."""

import re
from collections.abc import Iterable

from pocketsphinx import Decoder

from livetranslate.engine.batch import RefusedError
from livetranslate.engine.transcript import Word

SAMPLE_BYTES = 2
FRAME_SAMPLES = 160  # the decoder counts in frames of 10 ms at 16 kHz
# Audio reaches the decoder in blocks of this size, whatever the size of the chunks it came in: its running mean moves
# at the end of a call, so that only equal calls give equal words. 20 ms is as long as a chunk's end ever waits.
BLOCK_BYTES = 2 * FRAME_SAMPLES * SAMPLE_BYTES

# Both passes over an utterance, within narrow beams: on 95 s of speech cut at its pauses 6.0 % of words wrong at 0.13 s
# of processor a second. By default 5.6 % at 0.19 s; without the second pass 8.3 % at 0.10 s.
OPTIONS = {
    "maxhmmpf": 3_000,  # phones alive in a frame; the default of 30,000 only costs time
    "maxwpf": 5,  # words that may end in a frame
    "loglevel": "FATAL",
}
# The cepstral mean of a person reading at an ordinary level. PocketSphinx's own is further from real speech: with it in
# every utterance 16 % of words are wrong, with this 11 %. Carried from one to the next, the mean follows the speaker.
INITIAL_STATE = b"52.82,6.31,-3.02,20.13,-14.39,4.03,-7.15,-6.45,1.44,-4.21,3.02,-1.78,-2.55"
STATE_FORMAT = re.compile(rb"-?\d+(\.\d+)?(e[+-]?\d+)?(,-?\d+(\.\d+)?(e[+-]?\d+)?){12}")

FILLER = re.compile(r"<.*>|\[.*\]|\+\+.*\+\+")  # <s>, </s>, <sil>, [NOISE], ++UH++
VARIANT = re.compile(r"\(\d+\)$")  # the second pronunciation of "the" is "the(2)"


class StateError(RefusedError):
    """The state was not made by this model."""


def load_decoder() -> Decoder:
    """A decoder with the English model that comes with the package; takes 0.4 s and 90 MB."""
    return Decoder(**OPTIONS)


class Utterance:
    """What one decoder hears from START to END.

    The words are a function of the audio and the state given at the start, and of nothing else.
    """

    def __init__(self, decoder: Decoder, state: bytes) -> None:
        """Begins with `state`, or the model's initial one where that is empty.

        Raises:
            StateError: The state was not made by this model.
        """
        if state and not STATE_FORMAT.fullmatch(state):
            raise StateError("STATE was not made by this model")
        self.decoder = decoder
        self._pending = bytearray()
        self._heard_samples = 0
        decoder.reinit_feat()  # `set_cmn` alone leaves how many frames the mean stands for; this forgets them (0.1 ms)
        decoder.set_cmn((state or INITIAL_STATE).decode())
        decoder.start_utt()

    def hear(self, audio: bytes) -> list[Word]:
        """Takes the next s16le samples and returns the words so far, which may still change."""
        self._pending += audio
        self._heard_samples += len(audio) // SAMPLE_BYTES
        while len(self._pending) >= BLOCK_BYTES:
            self.decoder.process_raw(bytes(self._pending[:BLOCK_BYTES]))
            del self._pending[:BLOCK_BYTES]
        return self._words(is_final=False)

    def end(self) -> tuple[list[Word], bytes]:
        """Ends the utterance. Returns its words and the state to begin the next one with."""
        if self._pending:
            self.decoder.process_raw(bytes(self._pending))
        self.decoder.end_utt()
        # Asked to update it: by itself the decoder moves the mean only after 8 s, which an utterance may not last.
        return self._words(is_final=True), self.decoder.get_cmn(update=True).encode()

    def abandon(self) -> None:
        """Makes the decoder ready for another utterance."""
        self.decoder.end_utt()

    def _words(self, *, is_final: bool) -> list[Word]:
        segments: Iterable = self.decoder.seg() or ()
        return [
            Word(
                text=VARIANT.sub("", segment.word),
                start_sample=segment.start_frame * FRAME_SAMPLES,
                end_sample=min((segment.end_frame + 1) * FRAME_SAMPLES, self._heard_samples),
                # Only at the end is there a lattice, and with it a posterior probability of each word.
                confidence=min(1.0, segment.prob) if is_final else 0.0,
            )
            for segment in segments
            if not FILLER.fullmatch(segment.word)
        ]
