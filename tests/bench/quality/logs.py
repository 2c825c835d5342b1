"""Small session logs made by hand: chunks of a tenth of a second, each sent on time."""

from bench.quality.session_log import Event, Header, Sentence, SessionLog, Word


def log(*events: Event, seconds: float = 5.0, sentences: tuple[Sentence, ...] = ()) -> SessionLog:
    """A session of some length in which these events came."""
    sent = tuple(number / 10 for number in range(round(seconds * 10)))
    return SessionLog(Header(name="made", audio_seconds=seconds, sent=sent, sentences=sentences), events)


def transcript(
    t: float, committed: str = "", unstable: str = "", *, is_final: bool = False, words: tuple[Word, ...] = ()
) -> Event:
    """A revision of the transcript of segment "1", which spans the second second."""
    return Event(
        t=t,
        kind="transcript",
        segment_id="1",
        committed=committed,
        unstable=unstable,
        is_final=is_final,
        start=1.0,
        end=2.0,
        words=words,
    )


def translation(
    t: float, committed: str = "", unstable: str = "", *, is_final: bool = False, source_end: float = 0.0
) -> Event:
    """A revision of its translation."""
    return Event(
        t=t,
        kind="translation",
        segment_id="1",
        language="es",
        committed=committed,
        unstable=unstable,
        is_final=is_final,
        start=1.0,
        end=2.0,
        source_end=source_end,
    )


def speech(t: float, clause: int, seconds: float, end: float = 2.0) -> Event:
    """A chunk of the spoken translation of what is said before `end`."""
    return Event(t=t, kind="speech", segment_id="1", language="es", clause=clause, seconds=seconds, end=end)
