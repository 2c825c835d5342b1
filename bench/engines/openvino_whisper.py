"""Whisper on OpenVINO: the same window and as many tokens as `bench.engines.whisper`."""

from functools import partial
from pathlib import Path

import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor
from openvino import Core, Tensor
from tokenizers import Tokenizer

from bench.engines.bare import cores
from bench.engines.bare_whisper import FRAMES, TASK, TOKENS, WINDOW_SECONDS, audio
from bench.engines.subject import Subject
from bench.engines.whisper import BATCH_SIZES, request
from bench.weights.whisper_ir import save_random_whisper_ir
from livetranslate.triton import FINAL_PRIORITY

EXACT = {"INFERENCE_PRECISION_HINT": "f32", "KV_CACHE_PRECISION": "f32"}  # as the model has it: see its `ov_network.py`


class BareOpenVinoWhisper:
    """OpenVINO and faster-whisper's features: encode, and write the likeliest tokens; no times of words."""

    def __init__(self, folder: Path) -> None:
        """Compile the graphs as the model does."""
        core = Core()
        options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": cores()}
        encoder, decoder = (folder / f"openvino_{part}_model.xml" for part in ("encoder", "decoder"))
        self._encoder = core.compile_model(encoder, "CPU", options).create_infer_request()
        self._decoder = core.compile_model(decoder, "CPU", {**options, **EXACT}).create_infer_request()
        self._features = FeatureExtractor()
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._prefix = [tokenizer.token_to_id(token) for token in (*TASK, "<|notimestamps|>")]
        self._end = tokenizer.token_to_id("<|endoftext|>")

    def run(self, count: int) -> None:
        """Hear so many windows."""
        heard = [self._features(audio(number).astype(np.float32) / 32_768)[:, :FRAMES] for number in range(count)]
        spectrograms = np.stack([np.pad(frames, ((0, 0), (0, FRAMES - frames.shape[1]))) for frames in heard])
        self._encoder.set_input_tensor(Tensor(spectrograms.astype(np.float32)))
        self._encoder.infer()
        self._decoder.reset_state()
        self._decoder.set_tensor("encoder_hidden_states", Tensor(np.array(self._encoder.get_output_tensor(0).data)))
        self._decoder.set_tensor("beam_idx", Tensor(np.arange(count, dtype=np.int32)))
        tokens = np.array([self._prefix] * count, np.int64)
        for _ in range(TOKENS):
            self._decoder.set_tensor("input_ids", Tensor(tokens))
            self._decoder.infer()
            logits = self._decoder.get_tensor("logits").data[:, -1, : self._end]  # text alone
            tokens = logits.argmax(axis=1)[:, None].astype(np.int64)


def openvino_whisper(size: str) -> Subject:
    """Whisper of one size."""
    return Subject(
        name=f"whisper-{size}-ov",
        engine="asr_whisper_openvino",
        profile="openvino",
        save=partial(save_random_whisper_ir, size=size),
        bare=BareOpenVinoWhisper,
        request=request,
        batch_sizes=BATCH_SIZES,
        audio_seconds=WINDOW_SECONDS,
        priority=FINAL_PRIORITY,
    )
