"""PocketSphinx behind the tensors of a window recognizer (see the model repository's README)."""

import re
import zlib
from typing import Any, NamedTuple

import numpy as np
import triton_python_backend_utils as pb_utils
from pocketsphinx import Decoder

FRAME_SAMPLES = 160
FILLER = re.compile(r"<.*>|\[.*\]|\+\+.*\+\+")  # <s>, </s>, <sil>, [NOISE], ++UH++
VARIANT = re.compile(r"\(\d+\)$")  # the second pronunciation of "the" is "the(2)"
# The cepstral mean of a person reading at an ordinary level: each window starts with it.
MEAN = "52.82,6.31,-3.02,20.13,-14.39,4.03,-7.15,-6.45,1.44,-4.21,3.02,-1.78,-2.55"


class Word(NamedTuple):
    """A recognized word; samples count from the window's first."""

    text: str
    start_sample: int
    end_sample: int
    confidence: float


class TritonPythonModel:
    """One decoder, which hears one window after the other."""

    def initialize(self, _args: dict[str, str]) -> None:
        self.decoder = Decoder(maxhmmpf=3_000, maxwpf=5, loglevel="FATAL")

    def execute(self, requests: list[Any]) -> list[Any]:
        return [self._answer(request) for request in requests]

    def _answer(self, request: Any) -> Any:
        length = int(_input(request, "LENGTH").item())
        words = self._decode(_input(request, "AUDIO").ravel()[:length])
        text = " ".join(word.text for word in words).encode()
        outputs = {
            "WORDS": np.array([word.text.encode() for word in words], np.object_),
            "WORD_START_SAMPLES": np.array([word.start_sample for word in words], np.int32),
            "WORD_END_SAMPLES": np.array([word.end_sample for word in words], np.int32),
            "WORD_CONFIDENCE": np.array([word.confidence for word in words], np.float32),
            "NO_SPEECH_PROBABILITY": np.array([not words], np.float32),
            "MEAN_LOG_PROBABILITY": np.zeros(1, np.float32),  # of tokens, which it does not have
            "COMPRESSION_RATIO": np.array([len(text) / len(zlib.compress(text))], np.float32),
            "LANGUAGE": np.array([b"en"], np.object_),
            "LANGUAGE_PROBABILITY": np.ones(1, np.float32),
        }
        tensors = [pb_utils.Tensor(name, value[None]) for name, value in outputs.items()]
        return pb_utils.InferenceResponse([*tensors, _nonce(request)])

    def _decode(self, audio: Any) -> list[Word]:
        self.decoder.reinit_feat()
        self.decoder.set_cmn(MEAN)
        self.decoder.start_utt()
        self.decoder.process_raw(audio.tobytes(), full_utt=True)
        self.decoder.end_utt()
        return [
            Word(
                VARIANT.sub("", segment.word),
                segment.start_frame * FRAME_SAMPLES,
                (segment.end_frame + 1) * FRAME_SAMPLES,
                min(1.0, segment.prob),
            )
            for segment in self.decoder.seg() or ()
            if not FILLER.fullmatch(segment.word)
        ]


def _input(request: Any, name: str) -> Any:
    return pb_utils.get_input_tensor_by_name(request, name).as_numpy()


def _nonce(request: Any) -> Any:
    """What the caller knows the answer by."""
    nonce = pb_utils.get_input_tensor_by_name(request, "NONCE")
    return pb_utils.Tensor("NONCE", np.zeros((1, 1), np.uint64) if nonce is None else nonce.as_numpy())
