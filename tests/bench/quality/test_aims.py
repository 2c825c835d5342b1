from bench.quality.aims import Aim


def test_some_figures_are_to_be_low_and_some_high() -> None:
    """An error rate has a greatest value, a share of the best BLEU a least one; the bound itself is enough."""
    error, share = Aim("word_error_rate", 0.08), Aim("bleu_share", 0.9)
    assert (str(error), str(share)) == ("≤ 0.08", "≥ 0.9")
    assert (error.is_met(0.08), error.is_met(0.09)) == (True, False)
    assert (share.is_met(0.9), share.is_met(0.89)) == (True, False)
