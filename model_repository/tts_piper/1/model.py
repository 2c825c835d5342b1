"""A Piper voice behind the tensors of a synthesizer (see the model repository's README)."""

from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import Any

from piper_espeak import EspeakPool
from piper_voice import PiperVoice

from livetranslate.engine.placement import placement
from livetranslate.engine.requests import number, text
from livetranslate.engine.speech import Speech

GPU_THREADS = 4  # a voice fills a small part of a GPU, and what it does on the processor takes as long
WARM_UP = "1, 2."


class TritonPythonModel:
    """One voice that speaks several texts at a time, each on a thread."""

    def initialize(self, args: dict[str, str]) -> None:
        place = placement(args)
        threads = place.threads if place.device == "cpu" else GPU_THREADS
        self.espeak = EspeakPool()
        self.voice = PiperVoice(place, self.espeak)
        list(self.voice.speak(WARM_UP, 0, 1.0))  # the first run allocates; and what is wrong shows now
        self.threads = ThreadPoolExecutor(threads)
        self.free = BoundedSemaphore(threads)

    def execute(self, requests: list[Any]) -> None:
        for request in requests:
            self.free.acquire()  # what no thread is free for waits inside Triton, where it can be cancelled
            texts = [text(request, name) for name in ("TEXT", "LANGUAGE", "VOICE")]
            self.threads.submit(self._answer, Speech(request), *texts, number(request, "SPEAKING_RATE", 1.0))

    def finalize(self) -> None:
        self.threads.shutdown()
        self.espeak.stop()

    def _answer(self, speech: Speech, said: str, language: str, voice: str, rate: float) -> None:
        try:
            self.voice.check_language(language)
            spoken = self.voice.speak(said, self.voice.speaker(voice), rate)
            while not speech.is_cancelled() and (samples := next(spoken, None)) is not None:
                speech.send(samples)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is the answer
            speech.end(error)
        else:
            speech.end()
        finally:
            self.free.release()
