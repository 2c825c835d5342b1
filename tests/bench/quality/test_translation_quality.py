from bench.quality.translation_quality import translation_quality


def test_the_reference_itself_is_perfect() -> None:
    """Equal sentences have 100 of both, and the signatures say how it was counted."""
    sentences = ["Tenemos tres puntos en la lista.", "Gracias por su tiempo."]
    quality = translation_quality(sentences, sentences)
    assert (quality.bleu, quality.chrf) == (100, 100)
    assert [signature.partition("|")[0] for signature in quality.signatures] == ["nrefs:1", "nrefs:1"]


def test_other_words_are_worse() -> None:
    """One other word costs something, and nothing in common leaves next to nothing."""
    reference = ["Tenemos tres puntos en la lista."]
    assert 0 < translation_quality(["Tenemos tres temas en la lista."], reference).bleu < 100
    assert translation_quality(["Thank you."], reference).bleu < 1
