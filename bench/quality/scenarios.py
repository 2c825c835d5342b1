"""What is measured: sessions that are played one after the other and whose figures belong together."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.quality import aims, recordings
from bench.quality.aims import Aim
from bench.quality.measures import Measured, TranslateAll, measure, measure_nothing
from bench.quality.nothing import soundscapes
from bench.quality.player import Play
from bench.quality.session_log import SessionLog

_NOTHING_SECONDS, _QUICK_NOTHING_SECONDS = 600.0, 60.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """Sessions to play, and what their figures are to be."""

    name: str
    plays: Sequence[Play]
    aims: Sequence[Aim] = ()

    def measure(self, logs: Sequence[SessionLog], translate_all: TranslateAll) -> Measured:
        """The figures of its sessions."""
        return measure(logs, translate_all) if self.plays[0].material.sentences else measure_nothing(logs)


def _talk(is_quick: bool) -> Iterator[Scenario]:
    talk = recordings.talk(recordings.SHORT_COUNT if is_quick else None)
    yield Scenario("talk, by clauses", [Play(talk, policy="clauses")], aims.TALK)
    yield Scenario("talk, by segments", [Play(talk, policy="segments")])


def _talk_files(is_quick: bool) -> Iterator[Scenario]:
    files = recordings.talk_files(recordings.SHORT_COUNT if is_quick else None)
    yield Scenario("talk, file by file", [Play(file) for file in files])


def _demo(_: bool) -> Iterator[Scenario]:
    yield Scenario("demo", [Play(recordings.demo())])


def _librivox(_: bool) -> Iterator[Scenario]:
    yield Scenario("librivox", [Play(recordings.librivox())])
    yield Scenario("librivox, file by file", [Play(file) for file in recordings.librivox_files()])


def _fleurs(_: bool) -> Iterator[Scenario]:
    yield Scenario("fleurs", [Play(recordings.fleurs())])
    yield Scenario("fleurs, file by file", [Play(file) for file in recordings.fleurs_files()])


def _nothing(is_quick: bool) -> Iterator[Scenario]:
    for sound in soundscapes(_QUICK_NOTHING_SECONDS if is_quick else _NOTHING_SECONDS):
        yield Scenario(sound.name, [Play(sound, target="", is_paced=False)], aims.NOTHING)


SCENARIOS: dict[str, Callable[[bool], Iterator[Scenario]]] = {
    "talk": _talk,
    "talk-files": _talk_files,
    "demo": _demo,
    "librivox": _librivox,
    "fleurs": _fleurs,
    "nothing": _nothing,
}
"""By the names under which they can be chosen: short forms or not → what there is to play.

Raises:
    DataMissingError: When it is called, and the data is not there.
"""

QUICK = ("talk", "nothing")
"""What is measured where there is little time."""
