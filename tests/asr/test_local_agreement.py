from hypothesis import given
from hypothesis import strategies as st

from asr.hypothesis import Word, text_of
from asr.local_agreement import LocalAgreement
from asr.loops import LoopOptions, find_loop

WORD_SAMPLES = 4_000
LOOPS = LoopOptions()


def said(text: str, first_sample: int = 0) -> list[Word]:
    """Words of equal length, one after the other."""
    starts = range(first_sample, first_sample + 1_000 * WORD_SAMPLES, WORD_SAMPLES)
    return [Word(word, start, start + WORD_SAMPLES) for word, start in zip(text.split(), starts, strict=False)]


def after(*hypotheses: list[Word]) -> LocalAgreement:
    """What has become of hypotheses, one after the other."""
    agreement = LocalAgreement(LOOPS)
    for words in hypotheses:
        agreement.receive_partial(words)
    return agreement


def texts(agreement: LocalAgreement) -> tuple[str, str]:
    return text_of(agreement.committed), text_of(agreement.unstable)


def test_one_hypothesis_promises_nothing() -> None:
    """Words stay unstable until a second hypothesis has them."""
    agreement = after(said("good morning"))
    assert texts(agreement) == ("", "good morning")
    assert agreement.committed_until == 0


def test_what_two_in_a_row_begin_with_is_committed() -> None:
    """The common beginning is committed, and what differs is not."""
    agreement = after(said("good morning every"), said("good morning everyone and"))
    assert texts(agreement) == ("good morning", "everyone and")
    assert agreement.committed_until == 2 * WORD_SAMPLES


def test_agreement_goes_on_after_what_is_committed() -> None:
    """The next hypothesis is compared with what the last one had after the committed words."""
    agreement = after(
        said("good morning every"), said("good morning everyone and"), said("good morning everyone and welcome")
    )
    assert texts(agreement) == ("good morning everyone and", "welcome")


def test_a_gap_breaks_agreement() -> None:
    """Two hypotheses with an empty one between them are not two in a row."""
    assert texts(after(said("good morning"), [], said("good morning"))) == ("", "good morning")


def test_words_before_the_committed_time_are_dropped() -> None:
    """A window that begins later, and one that has other words there, say only what follows."""
    agreement = after(said("good morning"), said("good morning"))
    agreement.receive_partial(said("could mourning everyone"))
    assert texts(agreement) == ("good morning", "everyone")
    agreement.receive_partial(said("everyone", 2 * WORD_SAMPLES))
    assert texts(agreement) == ("good morning everyone", "")


def test_committed_words_are_not_said_again() -> None:
    """Committed words whose times have moved behind the committed time are known by their texts."""
    agreement = after(said("good morning"), said("good morning"))
    agreement.receive_partial(said("Good morning, everyone", WORD_SAMPLES + 3_000))
    assert texts(agreement) == ("good morning", "everyone")


def test_a_word_said_twice_is_said_twice() -> None:
    """Where the committed words lie before the seam, the same word after it is another one."""
    agreement = after(said("a very"), said("a very"))
    agreement.receive_final(said("a very very good one"))
    assert texts(agreement) == ("a very very good one", "")


def test_a_word_said_later_is_another_one() -> None:
    """A second after the committed time, no word is taken for a committed one."""
    agreement = after(said("yes"), said("yes"))
    agreement.receive_final(said("yes", 6 * WORD_SAMPLES))
    assert texts(agreement) == ("yes yes", "")


def test_the_final_keeps_what_was_promised() -> None:
    """A final only adds what comes after the committed words."""
    agreement = after(said("good morning"), said("good morning"))
    agreement.receive_final(said("could mourning everyone here"))
    assert texts(agreement) == ("good morning everyone here", "")


def test_a_loop_is_cut_and_not_committed() -> None:
    """Two hypotheses that agree on a loop commit what it repeats once, and show nothing of the rest."""
    agreement = after(*[said("well thank you thank you thank you thank you and so on")] * 2)
    assert texts(agreement) == ("well thank you", "")
    assert agreement.has_loop
    agreement.receive_partial(said("well thank you all"))
    assert texts(agreement) == ("well thank you", "all")
    assert not agreement.has_loop


def test_a_loop_through_the_seam_is_cut() -> None:
    """Repetitions that were committed as plausible are not continued."""
    agreement = after(said("no no no"), said("no no no"), said("no no no no no"), said("no no no no no"))
    assert texts(agreement) == ("no no no", "")


def test_a_final_loses_only_the_repetitions() -> None:
    """What follows a loop in the last hypothesis is kept, for there will be no other."""
    agreement = after(said("wait"))
    agreement.receive_final(said("wait no no no no no no I said stop"))
    assert texts(agreement) == ("wait no I said stop", "")


def test_words_can_be_committed_without_a_second_look() -> None:
    """Those that end by a sample are committed, and the others are forgotten."""
    agreement = after(said("good morning every"))
    agreement.commit_until(2 * WORD_SAMPLES)
    assert texts(agreement) == ("good morning", "")


def test_times_of_one_hypothesis_follow_one_another() -> None:
    """Words that overlap or go back are kept, and their times set right."""
    agreement = after()
    agreement.receive_final([Word("a", 0, 4_000), Word("b", 3_000, 8_000), Word("c", 5_000, 6_000)])
    assert [(word.start_sample, word.end_sample) for word in agreement.committed] == [
        (0, 4_000),
        (4_000, 8_000),
        (8_000, 8_000),
    ]


WORDS = st.builds(
    lambda text, start, length: Word(text, start, start + length),
    st.sampled_from(["a", "b", "A,", "c"]),
    st.integers(0, 40_000),
    st.integers(0, 6_000),
)
HYPOTHESES = st.lists(
    st.lists(WORDS, max_size=8).map(lambda words: sorted(words, key=lambda word: word.start_sample))
    | st.lists(st.sampled_from("ab"), max_size=12).map(" ".join).map(said),
    max_size=12,
)


@given(HYPOTHESES)
def test_whatever_comes_committed_words_only_grow(hypotheses: list[list[Word]]) -> None:
    """Each commits words behind the committed time only, in time's order, and never a loop."""
    agreement = LocalAgreement(LOOPS)
    for number, words in enumerate(hypotheses, 1):
        before, until = list(agreement.committed), agreement.committed_until
        if number == len(hypotheses):
            agreement.receive_final(words)
            assert not agreement.unstable
        else:
            agreement.receive_partial(words)
        committed = agreement.committed
        assert committed[: len(before)] == before
        times = [time for word in committed for time in (word.start_sample, word.end_sample)]
        assert times == sorted(times)
        assert all(word.start_sample >= until for word in (*committed[len(before) :], *agreement.unstable))
        assert find_loop([*committed, *agreement.unstable], LOOPS) is None
