"""Whether a session came through: what is stored, and what its caller saw, beside the undisturbed run."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple

from livetranslate.v1 import gateway_pb2
from livetranslate.wire import samples_of_duration
from tests.chaos.session import Session
from tests.gateway.told import Told

_SHOWN_DIFFERENCES = 8


class Final(NamedTuple):
    """A final transcript, its language empty, or a final translation."""

    language_code: str
    segment_id: str
    end_sample: int
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with a session; nothing, if all went well."""

    session: str
    words_lost: int
    words_doubled: int
    differences: tuple[str, ...]


def finals_of(told: Told) -> list[Final]:
    """All finals, in the order in which they came."""
    return [final for event in told.events if (final := _final(event)) is not None]


def verdict(session: Session, undisturbed: Sequence[Final]) -> Verdict:
    """Judge a session by what the same audio gave when nothing went wrong."""
    stored = finals_of(session.stored)
    lost, doubled = _words(undisturbed, stored)
    problems = [session.failure] if session.failure else []
    problems += _unequal("stored", stored, undisturbed)
    problems += _unequal("told to the caller", finals_of(session.told), undisturbed)
    problems += _numbers(session.stored)
    problems += _checkpoints(session.told)
    problems += _totals(session)
    return Verdict(session.name, lost, doubled, tuple(problems))


def _final(event: gateway_pb2.SessionEvent) -> Final | None:
    if event.HasField("transcript") and event.transcript.revision.is_final:
        heard = event.transcript.revision
        return Final("", heard.segment_id, samples_of_duration(heard.end_offset), heard.committed_text)
    if event.HasField("translation") and event.translation.revision.is_final:
        translated, end = event.translation.revision, samples_of_duration(event.translation.end_offset)
        return Final(translated.language_code, translated.segment_id, end, translated.committed_text)
    return None


def _unequal(what: str, finals: Sequence[Final], undisturbed: Sequence[Final]) -> Iterator[str]:
    """Each final there must be once, and no other."""
    expected, found = Counter(undisturbed), Counter(finals)
    wrong = [(final, "not") for final in expected - found]
    wrong += [(final, "twice, or otherwise than it should be,") for final in found - expected]
    for final, how in sorted(wrong, key=lambda pair: pair[0][1])[:_SHOWN_DIFFERENCES]:
        yield f"{what}: {how} {final}"
    places = Counter((final.language_code, final.segment_id) for final in finals)
    for place, count in places.items():
        if count > 1:
            yield f"{what}: {place} {count} times"


def _numbers(stored: Told) -> Iterator[str]:
    if stored.numbers != list(range(1, len(stored.numbers) + 1)):
        yield f"stored event numbers are not 1, 2, 3 …: {stored.numbers}"


def _checkpoints(told: Told) -> Iterator[str]:
    if told.checkpoints != sorted(told.checkpoints):
        yield f"checkpoints went back: {told.checkpoints}"


def _totals(session: Session) -> Iterator[str]:
    if not session.told.events or not session.told.events[-1].HasField("summary"):
        yield "there was no summary"
        return
    told, sent = samples_of_duration(session.told.summary.audio_duration), len(session.audio) // 2
    if told != sent:
        yield f"{sent} samples were sent, and the summary says {told}"
    if session.told.checkpoints[-1:] != [sent]:
        yield f"{sent} samples were sent, and the last checkpoint says {session.told.checkpoints[-1:]}"


def _words(undisturbed: Iterable[Final], stored: Iterable[Final]) -> tuple[int, int]:
    """How many words are missing, and how many are too many."""
    expected, found = _by_language(undisturbed), _by_language(stored)
    lost = doubled = 0
    for language in expected.keys() | found.keys():
        before, after = expected.get(language, []), found.get(language, [])
        for tag, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if tag != "equal":
                lost += end - start
                doubled += new_end - new_start
    return lost, doubled


def _by_language(finals: Iterable[Final]) -> dict[str, list[str]]:
    words: dict[str, list[str]] = {}
    for final in sorted(finals):
        words.setdefault(final.language_code, []).extend(final.text.split())
    return words
