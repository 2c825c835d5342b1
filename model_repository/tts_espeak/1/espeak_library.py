"""The parts of eSpeak NG's C library (`speak_lib.h`) that speaking a text takes, by ctypes."""

import ctypes
from collections.abc import Callable, Iterator

import espeakng_loader

AUDIO_OUTPUT_SYNCHRONOUS = 2
POSITION_CHARACTER = 1
CHARS_UTF8 = 1
PARAMETER_RATE = 1
CONTINUE, STOP = 0, 1

SynthCallback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class VoiceRecord(ctypes.Structure):
    """`espeak_VOICE`."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("reserved", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


class EspeakError(Exception):
    """The library refused."""


class Espeak:
    """The library, of which a process has one, doing one thing at a time."""

    def __init__(self, chunk_ms: int) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(VoiceRecord))
        data = espeakng_loader.get_data_path().encode()
        self.sample_rate_hertz = int(self._library.espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, chunk_ms, data, 0))
        if self.sample_rate_hertz <= 0:
            raise EspeakError(f"eSpeak NG cannot read its data in {data.decode()}")

    def voice_names(self) -> Iterator[str]:
        """The voices, each by the last part of its identifier: `es` for `roa/es`."""
        records = self._library.espeak_ListVoices(None)
        index = 0
        while records[index]:  # the list ends with a null pointer
            yield records[index].contents.identifier.decode().rsplit("/", 1)[-1]
            index += 1

    def set_voice(self, name: str) -> None:
        """Speaks with this voice from now on."""
        if self._library.espeak_SetVoiceByName(name.encode()):
            raise EspeakError(f"eSpeak NG has no voice {name!r}")

    def set_rate(self, words_per_minute: int) -> None:
        """Speaks at this pace from now on."""
        if self._library.espeak_SetParameter(PARAMETER_RATE, words_per_minute, 0):
            raise EspeakError(f"eSpeak NG cannot speak {words_per_minute} words a minute")

    def speak(self, text: str, emit: Callable[[bytes], bool]) -> None:
        """Speaks `text`, handing each chunk of s16le samples to `emit` until that returns False."""

        def on_audio(samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int | None) -> int:
            if not samples or count <= 0:
                return CONTINUE
            return CONTINUE if emit(ctypes.string_at(samples, count * ctypes.sizeof(ctypes.c_short))) else STOP

        callback = SynthCallback(on_audio)  # held until the call below is over
        self._library.espeak_SetSynthCallback(callback)
        data = text.replace("\0", " ").encode("utf-8", errors="replace") + b"\0"
        if self._library.espeak_Synth(data, len(data), 0, POSITION_CHARACTER, 0, CHARS_UTF8, None, None):
            raise EspeakError("eSpeak NG failed to speak a text")
