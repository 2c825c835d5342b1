"""The core of tts."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetranslate.samples import SAMPLE_RATE_HERTZ
from tts.answer import Answer, Chunk, Failure, Skip
from tts.pacing import UNPACED, Pacer, Pacing
from tts.session import MAX_TEXT_CHARACTERS, TtsSession
from tts.utterance import Sound, Utterance


def session(input_limit: int = 2, pacing: Pacing = UNPACED) -> TtsSession:
    return TtsSession(Pacer(pacing, SAMPLE_RATE_HERTZ), input_limit=input_limit, least_chunk_bytes=4)


def clause(number: int, end_sample: int, speaking_rate: float = 1.0) -> Utterance:
    return Utterance("1", "uno", speaking_rate, clause=number, end_sample=end_sample)


def test_texts_are_spoken_one_at_a_time() -> None:
    """The second text waits until the first is closed."""
    core = session()
    first, second = Utterance("1", "uno"), Utterance("2", "dos")
    core.receive_utterance(first)
    core.receive_utterance(second)
    assert core.utterance_to_speak() is first
    assert core.utterance_to_speak() is None
    core.receive_sound(Sound(b"ab"))
    core.receive_silence()
    assert core.answers_to_send() == [
        Chunk(first, Sound(b"ab"), is_last=False),
        Chunk(first, Sound(b""), is_last=True, playout_sample=1),
    ]
    assert core.utterance_to_speak() is second


def test_small_pieces_are_joined() -> None:
    """After the first, pieces are joined until there is enough, and the rest goes with the end."""
    core = session()
    utterance = Utterance("1", "uno")
    core.receive_utterance(utterance)
    core.utterance_to_speak()
    for piece in (b"ab", b"cd", b"ef", b"gh"):
        core.receive_sound(Sound(piece))
    core.receive_silence()
    chunks = [answer.sound.samples for answer in core.answers_to_send() if isinstance(answer, Chunk)]
    assert chunks == [b"ab", b"cdef", b"gh"]


def test_an_empty_text_needs_no_model() -> None:
    """A text without words is closed by an empty chunk."""
    core = session()
    utterance = Utterance("1", "  ")
    core.receive_utterance(utterance)
    assert core.utterance_to_speak() is None
    assert core.answers_to_send() == [Chunk(utterance, Sound(b""), is_last=True)]


@pytest.mark.parametrize(
    ("utterance", "fault"),
    [
        (Utterance("1", "x" * (MAX_TEXT_CHARACTERS + 1)), "5,000"),
        (Utterance("1", "secret", speaking_rate=0.4), "speaking_rate"),
        (Utterance("1", "secret", speaking_rate=2.1), "speaking_rate"),
        (Utterance("1", "secret", speaking_rate=math.nan), "speaking_rate"),
    ],
)
def test_a_wrong_text_never_reaches_the_model(utterance: Utterance, fault: str) -> None:
    """A text that is too long, or too fast or slow, is refused with its reason and without its words."""
    core = session()
    core.receive_utterance(utterance)
    assert core.utterance_to_speak() is None
    (failure,) = core.answers_to_send()
    assert isinstance(failure, Failure)
    assert fault in failure.message
    assert "secret" not in failure.message


def test_a_failure_closes_its_text_only() -> None:
    """A text that fails half-way is closed by the failure, and the next is spoken."""
    core = session()
    first, second = Utterance("1", "uno"), Utterance("2", "dos")
    core.receive_utterance(first)
    core.receive_utterance(second)
    core.utterance_to_speak()
    core.receive_sound(Sound(b"ab"))
    core.receive_failure("MODEL_BUSY")
    chunk, failure = core.answers_to_send()
    assert isinstance(chunk, Chunk)
    assert not chunk.is_last
    assert isinstance(failure, Failure)
    assert failure.utterance is first
    assert "MODEL_BUSY" in failure.message
    assert core.utterance_to_speak() is second


def test_each_chunk_has_its_place() -> None:
    """Chunks follow one another in the session's time from the end of their source on, and know how late that is."""
    core = session(pacing=Pacing(max_lag_samples=100))
    core.receive_utterance(clause(0, end_sample=10))
    core.receive_utterance(clause(1, end_sample=12))
    while core.utterance_to_speak():
        for _ in range(2):
            core.receive_sound(Sound(bytes(4)))
        core.receive_silence()
    chunks = [answer for answer in core.answers_to_send() if isinstance(answer, Chunk)]
    places = [(chunk.utterance.clause, chunk.playout_sample, chunk.lag_samples, chunk.is_last) for chunk in chunks]
    assert places == [
        (0, 10, 0, False),
        (0, 12, 2, False),
        (0, 14, 4, True),
        (1, 14, 2, False),
        (1, 16, 4, False),
        (1, 18, 6, True),
    ]


def test_late_texts_are_spoken_faster_than_asked() -> None:
    """Pacing multiplies the rate that was asked for, up to what voices can do."""
    core = session(input_limit=9, pacing=Pacing(max_rate=1.5, max_lag_samples=10))
    for asked in (1.0, 1.2, 1.9):
        core.receive_utterance(clause(0, 0, asked))
    rates = []
    while utterance := core.utterance_to_speak():
        rates.append(utterance.speaking_rate)
        core.receive_sound(Sound(bytes(10)))
        core.receive_silence()
    assert rates == [1.0, pytest.approx(1.8), 2.0]


def test_a_text_that_would_be_too_late_is_left_out() -> None:
    """It is told, closed by an empty last chunk, and never reaches the model; the next one is spoken."""
    core = session(input_limit=9, pacing=Pacing(max_lag_samples=10))
    first, late, following = clause(0, 0), clause(1, 5), clause(2, 20)
    for utterance in (first, late, following):
        core.receive_utterance(utterance)
    core.utterance_to_speak()
    core.receive_sound(Sound(bytes(40)))
    core.receive_silence()
    core.answers_to_send()
    assert core.utterance_to_speak() is following
    assert core.answers_to_send() == [
        Skip(late, lag_samples=15),
        Chunk(late, Sound(b""), is_last=True, playout_sample=20),
    ]


def test_too_many_texts_leave_no_room() -> None:
    """There is no room while as many texts as allowed wait."""
    core = session(input_limit=2)
    rooms = []
    for _ in range(2):
        core.receive_utterance(Utterance("1", "uno"))
        rooms.append(core.has_room)
    core.utterance_to_speak()
    rooms.append(core.has_room)
    assert rooms == [True, False, True]


def test_the_end_waits_for_everything() -> None:
    """After the end the session is done once everything was spoken and sent."""
    core = session()
    core.receive_utterance(Utterance("1", "uno"))
    core.receive_end()
    done = [core.is_done]
    core.utterance_to_speak()
    done.append(core.is_done)
    core.receive_silence()
    done.append(core.is_done)
    core.answers_to_send()
    done.append(core.is_done)
    assert done == [False, False, False, True]


def test_speech_without_a_text_is_a_mistake() -> None:
    """Speech that belongs to no text is refused rather than given to the next one."""
    with pytest.raises(RuntimeError):
        session().receive_sound(Sound(b"ab" * 10))


TEXTS = st.sampled_from(["", "uno", "uno dos", "x" * (MAX_TEXT_CHARACTERS + 1)])
PIECES = st.lists(st.binary(max_size=6), max_size=5)


@given(st.lists(st.tuples(TEXTS, PIECES, st.booleans()), max_size=8), st.integers(0, 3))
def test_every_text_is_closed_once_in_order(plan: list[tuple[str, list[bytes], bool]], ahead: int) -> None:
    """Whatever comes and whatever fails, each text is closed once, in order, and its speech is complete."""
    core = session()
    utterances = [Utterance(str(number), text) for number, (text, _, _) in enumerate(plan)]
    answers: list[Answer] = []
    spoken: dict[Utterance, bytes] = {}
    waiting = list(zip(utterances, plan, strict=True))
    work = dict(waiting)
    while True:
        for utterance, _ in waiting[: ahead + 1]:
            core.receive_utterance(utterance)
        del waiting[: ahead + 1]
        while (utterance_now := core.utterance_to_speak()) is not None:
            _, pieces, succeeds = work[utterance_now]
            for piece in pieces:
                core.receive_sound(Sound(piece))
            if succeeds:
                spoken[utterance_now] = b"".join(pieces)
                core.receive_silence()
            else:
                core.receive_failure("MODEL_BUSY")
            answers += core.answers_to_send()
        answers += core.answers_to_send()
        if not waiting:
            break
    closings = [answer for answer in answers if not isinstance(answer, Chunk) or answer.is_last]
    closed = [answer.utterance for answer in closings]
    assert closed == utterances
    for utterance, expected in spoken.items():
        chunks = [answer for answer in answers if isinstance(answer, Chunk) and answer.utterance is utterance]
        assert b"".join(chunk.sound.samples for chunk in chunks) == expected
