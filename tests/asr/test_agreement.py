from hypothesis import given
from hypothesis import strategies as st

from asr.agreement import Agreement, AgreementOptions
from asr.hypothesis import Word, text_of

WORD_SAMPLES = 1_000
LATE = 1_000_000  # the newest audio, far after every word
OPTIONS = AgreementOptions(partial_count=2, margin_samples=3_000, shown_margin_samples=1_000)


def said(text: str, shift: int = 0) -> list[Word]:
    """Words of equal length, one after the other."""
    return [
        Word(word, index * WORD_SAMPLES + shift, (index + 1) * WORD_SAMPLES + shift)
        for index, word in enumerate(text.split())
    ]


def texts(agreement: Agreement) -> tuple[str, str]:
    return text_of(agreement.committed), text_of(agreement.unstable)


def test_one_hypothesis_promises_nothing() -> None:
    """Words stay unstable until enough hypotheses have them."""
    agreement = Agreement(OPTIONS)
    agreement.receive_partial(said("good morning"), LATE)
    assert texts(agreement) == ("", "good morning")


def test_words_that_agree_are_committed() -> None:
    """The common beginning of the last hypotheses is committed, and what differs is not."""
    agreement = Agreement(OPTIONS)
    agreement.receive_partial(said("good morning every"), LATE)
    agreement.receive_partial(said("good morning everyone and"), LATE)
    assert texts(agreement) == ("good morning", "everyone and")


def test_the_latest_words_wait() -> None:
    """A word that ends within the margin before the newest audio is not committed, though all agree on it."""
    agreement = Agreement(OPTIONS)
    for _ in range(2):
        agreement.receive_partial(said("a b c d"), 5_000)
    assert texts(agreement) == ("a b", "c d")


def test_a_word_that_is_being_spoken_is_not_shown() -> None:
    """A word that ends at the newest audio is shown once the next hypothesis has it too, or it ended before."""
    agreement = Agreement(OPTIONS)
    agreement.receive_partial(said("a b c"), 3_500)
    assert texts(agreement) == ("", "a b")
    agreement.receive_partial(said("a b c"), 3_500)
    assert texts(agreement) == ("", "a b c")
    agreement.receive_partial(said("a b d e"), 5_000)
    assert texts(agreement) == ("a b", "d e")


def test_nothing_is_shown_after_what_is_not() -> None:
    """A word that was there before waits for the word before it."""
    agreement = Agreement(OPTIONS)
    agreement.receive_partial(said("a b"), 1_500)
    agreement.receive_partial(said("c b"), 1_500)
    assert texts(agreement) == ("", "")


def test_all_words_can_be_committed() -> None:
    """When all words agree and are old, nothing is left unstable."""
    agreement = Agreement(OPTIONS)
    for _ in range(2):
        agreement.receive_partial(said("a b"), LATE)
    assert texts(agreement) == ("a b", "")


def test_the_final_keeps_what_was_promised() -> None:
    """A final that would have the first words otherwise only adds what comes after them."""
    agreement = Agreement(OPTIONS)
    for _ in range(2):
        agreement.receive_partial(said("good morning"), LATE)
    agreement.receive_final(said("could mourning everyone"))
    assert texts(agreement) == ("good morning everyone", "")


def test_boundaries_may_move_a_little() -> None:
    """A committed word whose end moves by less than half its length is not said twice."""
    agreement = Agreement(OPTIONS)
    for _ in range(2):
        agreement.receive_partial(said("good morning"), LATE)
    agreement.receive_final(said("good morning everyone", shift=400))
    assert texts(agreement) == ("good morning everyone", "")


def test_a_word_without_length_counts() -> None:
    """Nothing is dropped before something is committed, not even an instant at the session's start."""
    agreement = Agreement(OPTIONS)
    agreement.receive_final([Word("oh", 0, 0)])
    assert texts(agreement) == ("oh", "")


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=6).map(" ".join), min_size=1, max_size=12))
def test_committed_text_only_grows(hypotheses: list[str]) -> None:
    """Whatever the recognizer says, each committed text begins with the one before, and the final with the last."""
    agreement = Agreement(OPTIONS)
    committed: list[Word] = []
    for index, hypothesis in enumerate(hypotheses):
        agreement.receive_partial(said(hypothesis), index * WORD_SAMPLES)
        assert agreement.committed[: len(committed)] == committed
        committed = list(agreement.committed)
    agreement.receive_final(said(hypotheses[-1]))
    assert agreement.committed[: len(committed)] == committed
    assert not agreement.unstable
