"""How steady the text is that a reader sees.

Normalized erasure is that of Arivazhagan et al. 2020, "Re-translation versus streaming for simultaneous translation":
words that were shown and taken back, for each word of the final text. Stability is the complement of the unstable
partial segment ratio of Shangguan et al. 2020, "Analyzing the quality and stability of a streaming end-to-end
on-device speech recognizer".
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from bench.quality.session_log import Event, History, SessionLog
from bench.quality.tokens import common_prefix, tokens

TextOf = Callable[[Event], str]


def committed(event: Event) -> str:
    """What is said never to change."""
    return event.committed


def shown(event: Event) -> str:
    """What a reader sees."""
    return event.shown


def normalized_erasure(logs: Iterable[SessionLog], kind: str, text_of: TextOf) -> float | None:
    """Words taken back for each word of the final text; None where there is no text."""
    histories = list(_histories(logs, kind))
    final_count = sum(len(tokens(text_of(history[-1]))) for history in histories)
    if not final_count:
        return None
    return round(sum(sum(_taken_back(history, text_of)) for history in histories) / final_count, 4)


def partial_stability(logs: Iterable[SessionLog], kind: str) -> float | None:
    """The share of revisions after a first one that take no word back; None where there are none."""
    taken_back = [count for history in _histories(logs, kind) for count in _taken_back(history, shown)]
    return round(taken_back.count(0) / len(taken_back), 4) if taken_back else None


def words_shown(logs: Sequence[SessionLog]) -> int:
    """The most words that were ever to be read of each segment, summed up; also of segments that became nothing."""
    most: dict[tuple[int, str], int] = {}
    for number, log in enumerate(logs):
        for event in log.of("transcript"):
            key = (number, event.segment_id)
            most[key] = max(most.get(key, 0), len(tokens(event.shown)))
    return sum(most.values())


def _taken_back(history: History, text_of: TextOf) -> Iterator[int]:
    texts = (tokens(text_of(event)) for event in history)
    return (len(before) - common_prefix(before, after) for before, after in pairwise(texts))


def _histories(logs: Iterable[SessionLog], kind: str) -> Iterator[History]:
    return (history for log in logs for history in log.histories(kind).values())
