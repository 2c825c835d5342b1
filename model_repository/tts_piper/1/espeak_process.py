"""A program that writes texts as phonemes by eSpeak NG. It is a process of its own, for the library's sake and ours.

The library is GPL and in C: nothing else loads it, and what crashes or hangs is this process alone. It reads a JSON
object a line, and answers each with one; the first line says that it is ready, or what is missing:

    {"error": null}
    ← {"voice": "es", "text": "No, no sé."}
    {"clauses": [["no", "No, n"], ["no se", "o sé."]]}

A clause comes with the text read for it: to see that it is over, the library reads the next clause's first letter.
"""

import ctypes
import ctypes.util
import importlib.util
import json
import sys
from collections.abc import Iterator

INSTALL = "pip install espeakng-loader"  # or, on Debian: apt-get install libespeak-ng1
AUDIO_OUTPUT_SYNCHRONOUS = 2
CHARS_UTF8 = 1
PHONEMES_IPA = 2


class EspeakError(Exception):
    """The library is missing, or refuses."""


def find_library() -> tuple[str, bytes | None] | None:
    """The library and its data: those of the wheel, else those of the system, which knows where its data are."""
    if importlib.util.find_spec("espeakng_loader") is not None:
        import espeakng_loader  # noqa: PLC0415 - it may be missing

        return espeakng_loader.get_library_path(), espeakng_loader.get_data_path().encode()
    system = ctypes.util.find_library("espeak-ng")
    return (system, None) if system else None


class Phonemes:
    """The parts of `speak_lib.h` that writing a text as phonemes takes, by ctypes."""

    def __init__(self) -> None:
        found = find_library()
        if found is None:
            raise EspeakError(f"eSpeak NG is not installed: {INSTALL}")
        path, data = found
        self._library = ctypes.CDLL(path)
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._library.espeak_TextToPhonemes.argtypes = (ctypes.POINTER(ctypes.c_void_p), ctypes.c_int, ctypes.c_int)
        if self._library.espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, data, 0) < 0:
            raise EspeakError(f"eSpeak NG cannot read its data; install it again: {INSTALL}")

    def clauses(self, voice: str, text: str) -> Iterator[tuple[str, str]]:
        """Each clause's phonemes (IPA), and the text that was read for it."""
        if self._library.espeak_SetVoiceByName(voice.encode()):
            raise EspeakError(f"eSpeak NG has no voice {voice!r}")
        data = text.replace("\0", " ").encode("utf-8", errors="replace")
        buffer = ctypes.create_string_buffer(data)
        start, position = ctypes.addressof(buffer), 0
        pointer = ctypes.c_void_p(start)
        while pointer.value:
            phonemes = self._library.espeak_TextToPhonemes(ctypes.byref(pointer), CHARS_UTF8, PHONEMES_IPA)
            end = pointer.value - start if pointer.value else len(data)
            yield phonemes.decode("utf-8", errors="replace"), data[position:end].decode("utf-8", errors="ignore")
            position = end


def main() -> None:
    """Answers until there are no more questions."""
    try:
        phonemes = Phonemes()
    except (EspeakError, OSError) as error:
        _write({"error": str(error)})
        return
    _write({"error": None})
    for line in sys.stdin:
        question = json.loads(line)
        try:
            _write({"clauses": list(phonemes.clauses(question["voice"], question["text"]))})
        except EspeakError as error:
            _write({"error": str(error)})


def _write(answer: dict[str, object]) -> None:
    print(json.dumps(answer), flush=True)  # noqa: T201 - it is what this program is for


if __name__ == "__main__":
    main()
