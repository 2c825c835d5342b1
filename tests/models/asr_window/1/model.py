"""PocketSphinx behind the tensors of a window recognizer (see the model repository's README)."""

import re
from typing import Any

from pocketsphinx import Decoder

from livetranslate.engine.requests import array, number, respond
from livetranslate.engine.transcript import Transcript, Word, transcript_outputs
from livetranslate.engine.whisper_text import compression_ratio

FRAME_SAMPLES = 160
FILLER = re.compile(r"<.*>|\[.*\]|\+\+.*\+\+")  # <s>, </s>, <sil>, [NOISE], ++UH++
VARIANT = re.compile(r"\(\d+\)$")  # the second pronunciation of "the" is "the(2)"
# The cepstral mean of a person reading at an ordinary level: each window starts with it.
MEAN = "52.82,6.31,-3.02,20.13,-14.39,4.03,-7.15,-6.45,1.44,-4.21,3.02,-1.78,-2.55"


class TritonPythonModel:
    """One decoder, which hears one window after the other."""

    def initialize(self, _args: dict[str, str]) -> None:
        self.decoder = Decoder(maxhmmpf=3_000, maxwpf=5, loglevel="FATAL")

    def execute(self, requests: list[Any]) -> list[Any]:
        return [respond(request, self._hear(request), transcript_outputs) for request in requests]

    def _hear(self, request: Any) -> Transcript:
        words = self._decode(array(request, "AUDIO")[: int(number(request, "LENGTH", 0))])
        return Transcript(
            words=words,
            language="en",
            language_probability=1,
            no_speech_probability=not words,
            mean_log_probability=0,  # of tokens, which it does not have
            compression_ratio=compression_ratio(" ".join(word.text for word in words)),
        )

    def _decode(self, audio: Any) -> tuple[Word, ...]:
        self.decoder.reinit_feat()
        self.decoder.set_cmn(MEAN)
        self.decoder.start_utt()
        self.decoder.process_raw(audio.tobytes(), full_utt=True)
        self.decoder.end_utt()
        return tuple(
            Word(
                VARIANT.sub("", segment.word),
                segment.start_frame * FRAME_SAMPLES,
                (segment.end_frame + 1) * FRAME_SAMPLES,
                min(1.0, segment.prob),
            )
            for segment in self.decoder.seg() or ()
            if not FILLER.fullmatch(segment.word)
        )
