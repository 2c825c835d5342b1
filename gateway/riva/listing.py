"""What can be recognized, translated and spoken, as Riva's clients list it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from riva.client.proto import riva_asr_pb2, riva_nmt_pb2, riva_tts_pb2

from livetranslate.samples import SAMPLE_RATE_HERTZ
from livetranslate.v1 import asr_pb2, mt_pb2, tts_pb2

_KINDS = ("online", "offline")  # Riva has models for one or the other, and its clients list those of their kind


def recognition_configs(recognizers: Iterable[asr_pb2.Recognizer], model: str) -> Any:
    """An entry for each language of each recognizer, or of the one of that name, for streams and one for files."""
    response = riva_asr_pb2.RivaSpeechRecognitionConfigResponse()
    for recognizer in recognizers:
        for language in recognizer.language_codes if model in ("", recognizer.model) else ():
            for kind in _KINDS:
                config = response.model_config.add(model_name=recognizer.model)
                config.parameters["language_code"] = language
                config.parameters["type"] = kind
                config.parameters["streaming"] = str(kind == "online")
                config.parameters["sample_rate"] = str(SAMPLE_RATE_HERTZ)
                config.parameters["license"] = recognizer.license
    return response


def language_pairs(translators: Iterable[mt_pb2.Translator], model: str) -> Any:
    """An entry for each translator, or for the one of that name.

    Riva's entries mean that every source can be translated into every target. A translator that cannot has an entry for
    each of its sources: "mt_apertium/en".
    """
    response = riva_nmt_pb2.AvailableLanguageResponse()
    for translator in translators:
        if model not in ("", translator.model):
            continue
        for name, sources, targets in _entries(translator):
            response.languages[name].src_lang.extend(sources)
            response.languages[name].tgt_lang.extend(targets)
    return response


def _entries(translator: mt_pb2.Translator) -> Iterator[tuple[str, list[str], list[str]]]:
    targets: dict[str, set[str]] = defaultdict(set)
    for pair in translator.language_pairs:
        targets[pair.source_language_code].add(pair.target_language_code)
    if len({frozenset(reached) for reached in targets.values()}) == 1:
        yield translator.model, sorted(targets), sorted(next(iter(targets.values())))
        return
    for source, reached in sorted(targets.items()):
        yield f"{translator.model}/{source}", [source], sorted(reached)


def synthesis_configs(voices: Iterable[tts_pb2.Voice], model: str) -> Any:
    """An entry for each language of each model, or of the one of that name, with its voices."""
    response = riva_tts_pb2.RivaSynthesisConfigResponse()
    found: dict[tuple[str, str], list[tts_pb2.Voice]] = defaultdict(list)
    for voice in voices:
        if model in ("", voice.model):
            found[voice.model, voice.language_code].append(voice)
    for (name, language), spoken in found.items():
        config = response.model_config.add(model_name=name)
        config.parameters["language_code"] = language
        config.parameters["voice_name"] = name  # clients put the two together: "tts_espeak.es"
        config.parameters["subvoices"] = ",".join(f"{voice.name}:{number}" for number, voice in enumerate(spoken))
        config.parameters["sample_rate"] = str(spoken[0].sample_rate_hertz)
        config.parameters["license"] = spoken[0].license
    return response


def voice_name(named: str, voices: Iterable[tts_pb2.Voice]) -> str:
    """The name of a voice, also where it is named as it is listed, behind its model."""
    return next((voice.name for voice in voices if named == f"{voice.model}.{voice.name}"), named)
