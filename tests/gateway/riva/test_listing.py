"""What there is, as Riva's clients list it."""

from gateway.riva.listing import language_pairs, recognition_configs, synthesis_configs, voice_name
from livetranslate.v1 import asr_pb2, mt_pb2, tts_pb2


def translator(*pairs: str) -> mt_pb2.Translator:
    both = [pair.split("-") for pair in pairs]
    return mt_pb2.Translator(
        model="mt_x",
        language_pairs=[mt_pb2.LanguagePair(source_language_code=a, target_language_code=b) for a, b in both],
    )


def test_a_translator_of_all_pairs_is_one_entry() -> None:
    """Under its own name."""
    [(name, entry)] = language_pairs([translator("en-es", "en-fr", "de-es", "de-fr")], "").languages.items()
    assert (name, list(entry.src_lang), list(entry.tgt_lang)) == ("mt_x", ["de", "en"], ["es", "fr"])


def test_a_translator_of_some_pairs_has_an_entry_for_each_source() -> None:
    """So that nobody counts on a pair that is not there."""
    languages = language_pairs([translator("en-es", "en-fr", "es-en")], "mt_x").languages
    told = {name: (list(entry.src_lang), list(entry.tgt_lang)) for name, entry in languages.items()}
    assert told == {"mt_x/en": (["en"], ["es", "fr"]), "mt_x/es": (["es"], ["en"])}


def test_a_recognizer_is_listed_for_streams_and_for_files() -> None:
    """Once for each of its languages."""
    recognizer = asr_pb2.Recognizer(model="asr_x", language_codes=["en", "de"], license="MIT")
    told = [
        (config.parameters["language_code"], config.parameters["type"])
        for config in recognition_configs([recognizer], "").model_config
    ]
    assert told == [("en", "online"), ("en", "offline"), ("de", "online"), ("de", "offline")]
    assert not recognition_configs([recognizer], "asr_y").model_config


def test_voices_are_listed_by_model_and_language() -> None:
    """And found by the name that a client makes of the two."""
    voices = [
        tts_pb2.Voice(name=name, language_code=language, model="tts_x", sample_rate_hertz=22_050)
        for name, language in (("anna", "de"), ("bert", "de"), ("carl", "en"))
    ]
    told = {
        config.parameters["language_code"]: config.parameters["subvoices"]
        for config in synthesis_configs(voices, "tts_x").model_config
    }
    assert told == {"de": "anna:0,bert:1", "en": "carl:0"}
    assert voice_name("tts_x.bert", voices) == "bert"
    assert voice_name("bert", voices) == "bert"
    assert voice_name("English-US.Female-1", voices) == "English-US.Female-1"
