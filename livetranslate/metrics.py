"""The catalogue of everything that is measured; instruments are made from it and from nothing else.

Exported as `livetranslate.telemetry` says; measuring costs next to nothing otherwise. No attribute ever has speech,
text, an address or a session's id in it: each one has few values.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Self

from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Counter, Histogram, Meter, Observation, UpDownCounter

from livetranslate import names

METER = metrics.get_meter("livetranslate")

Observe = Callable[[CallbackOptions], Iterable[Observation]]
"""Gives what a gauge shows. Called by the exporter's thread: it must read only what is replaced as a whole."""

Boundaries = Sequence[float]
"""The upper bounds of a histogram's buckets."""

_LAG_SECONDS: Boundaries = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 10, 20)
_CALL_SECONDS: Boundaries = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
_SIZES: Boundaries = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)

SERVICES = ("gateway", "asr", "mt", "tts")
_OF_TRITON = ("asr", "mt", "tts")


class Kind(Enum):
    """What an instrument does."""

    COUNTER = "counter"
    UP_DOWN_COUNTER = "up-down counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing that is measured.

    Attributes:
        name: One of `livetranslate.names`.
        kind: Its instrument.
        unit: In UCUM, as OpenTelemetry has it: `s`, `By`, `{session}`; empty for states.
        description: What is measured.
        services: Who measures it.
        attributes: What tells its values apart.
        boundaries: Of a histogram's buckets, in its unit.
    """

    name: str
    kind: Kind
    unit: str
    description: str
    services: Sequence[str]
    attributes: Sequence[str] = ()
    boundaries: Boundaries = ()


CATALOGUE: Sequence[Metric] = (
    # Sessions
    Metric(names.SESSIONS, Kind.UP_DOWN_COUNTER, "{session}", "Sessions that run here.", ["gateway"]),
    Metric(
        names.SESSION_OPENINGS,
        Kind.COUNTER,
        "{session}",
        "Sessions that began here: new ones, and ones that were resumed.",
        ["gateway"],
        [names.OPENING],
    ),
    Metric(
        names.SESSION_REFUSALS,
        Kind.COUNTER,
        "{session}",
        "Sessions that were refused.",
        ["gateway"],
        [names.REASON],
    ),
    Metric(
        names.SESSION_ENDINGS,
        Kind.COUNTER,
        "{session}",
        "Sessions that ended here, by the state that they were left in.",
        ["gateway"],
        [names.STATE],
    ),
    Metric(names.VIEWERS, Kind.GAUGE, "{viewer}", "Viewers that follow sessions here.", ["gateway"]),
    Metric(names.AUDIO_RECEIVED, Kind.COUNTER, "s", "Audio received from clients.", ["gateway"]),
    # How late it is
    Metric(
        names.COMMIT_LAG,
        Kind.HISTOGRAM,
        "s",
        "From receiving the audio of newly committed words to telling them.",
        ["gateway"],
        boundaries=_LAG_SECONDS,
    ),
    Metric(
        names.RESULT_LAG,
        Kind.HISTOGRAM,
        "s",
        "From receiving the audio of a result to telling it.",
        ["gateway"],
        [names.RESULT, names.IS_FINAL],
        _LAG_SECONDS,
    ),
    Metric(
        names.DURABLE_LAG,
        Kind.HISTOGRAM,
        "s",
        "From making a result final to its being durable.",
        ["gateway"],
        boundaries=_CALL_SECONDS,
    ),
    Metric(
        names.HOP_DURATION,
        Kind.HISTOGRAM,
        "s",
        "What each hop says that it has taken for a final result; its model is a hop of its own.",
        ["gateway"],
        [names.HOP],
        _CALL_SECONDS,
    ),
    # What is left out, and what goes wrong
    Metric(
        names.DROPS,
        Kind.COUNTER,
        "{item}",
        "What gave way to something newer, or was left out: never anything final.",
        SERVICES,
        [names.REASON],
    ),
    Metric(names.NOTICES, Kind.COUNTER, "{notice}", "Notices told to clients.", ["gateway"], [names.CODE]),
    Metric(
        names.DEGRADATION,
        Kind.GAUGE,
        "",
        "What is left out: 0 nothing, 1 steps are wider, 2 no drafts, 3 no partial text.",
        ["gateway"],
    ),
    Metric(
        names.RETRIES,
        Kind.COUNTER,
        "{call}",
        "Calls that were repeated because a dependency failed.",
        _OF_TRITON,
        [names.DEPENDENCY],
    ),
    Metric(
        names.BREAKER_STATE,
        Kind.GAUGE,
        "",
        "0: closed, 1: half-open, 2: open.",
        (*SERVICES, "keeper"),
        [names.DEPENDENCY],
    ),
    Metric(
        names.BREAKER_OPENINGS,
        Kind.COUNTER,
        "{opening}",
        "Times a breaker opened.",
        (*SERVICES, "keeper"),
        [names.DEPENDENCY],
    ),
    # How busy a service is
    Metric(names.STREAMS, Kind.UP_DOWN_COUNTER, "{stream}", "Streams that run.", (*SERVICES, "keeper")),
    Metric(
        names.LOOP_DELAY,
        Kind.HISTOGRAM,
        "s",
        "How late the event loop came to what was due.",
        SERVICES,
        boundaries=_CALL_SECONDS,
    ),
    Metric(
        names.QUEUE_DEPTH,
        Kind.GAUGE,
        "{item}",
        "What waits in a queue, over all streams.",
        SERVICES,
        [names.QUEUE],
    ),
    Metric(
        names.QUEUE_WAIT,
        Kind.GAUGE,
        "s",
        "How long requests waited in a model's queue in the last seconds.",
        _OF_TRITON,
        [names.MODEL],
    ),
    # Models
    Metric(
        names.MODEL_DURATION,
        Kind.HISTOGRAM,
        "s",
        "A request to a model, from sending it to its answer, or to the first of several.",
        _OF_TRITON,
        [names.MODEL, names.OUTCOME],
        _CALL_SECONDS,
    ),
    Metric(names.SLOTS_LIMIT, Kind.GAUGE, "{slot}", "Decoders that a model has; 0: no limit.", ["asr"], [names.MODEL]),
    Metric(names.SLOTS_USED, Kind.GAUGE, "{slot}", "Decoders in use by this replica.", ["asr"], [names.MODEL]),
    Metric(names.SLOT_WAIT, Kind.HISTOGRAM, "s", "Waiting for a free decoder.", ["asr"], boundaries=_CALL_SECONDS),
    Metric(
        names.SEGMENTS,
        Kind.COUNTER,
        "{segment}",
        "Segments that became final.",
        ["asr"],
        [names.SEGMENT_END],
    ),
    Metric(
        names.TRANSLATIONS,
        Kind.COUNTER,
        "{translation}",
        "Final translations, by the model that they come from.",
        ["mt"],
        [names.MODEL, names.LANGUAGE],
    ),
    Metric(
        names.TRANSLATION_QUALITY,
        Kind.HISTOGRAM,
        "",
        "The quality that final translations were given, 0 to 1.",
        ["mt"],
        [names.MODEL],
        (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1),
    ),
    Metric(names.SPEECH_MADE, Kind.COUNTER, "s", "Speech synthesized.", ["tts"], [names.MODEL, names.LANGUAGE]),
    # The store
    Metric(names.STORE_BACKLOG, Kind.GAUGE, "{record}", "Records that wait to be durable.", ["gateway"]),
    Metric(names.STORE_SPILLED, Kind.GAUGE, "By", "Records that wait on disk, for the database is away.", ["gateway"]),
    Metric(
        names.STORE_DURATION,
        Kind.HISTOGRAM,
        "s",
        "One write of a batch of records.",
        ["gateway"],
        [names.OUTCOME],
        _CALL_SECONDS,
    ),
    Metric(
        names.STORE_BATCH,
        Kind.HISTOGRAM,
        "{record}",
        "Records in one write.",
        ["gateway"],
        boundaries=_SIZES,
    ),
    # The database
    Metric(
        names.DATABASE_CONNECTIONS,
        Kind.GAUGE,
        "{connection}",
        "Connections to the database that are open: used, or idle.",
        ["gateway"],
        [names.STATE],
    ),
    Metric(
        names.DATABASE_CONNECTION_LIMIT,
        Kind.GAUGE,
        "{connection}",
        "Connections that may be open: who wants another one waits.",
        ["gateway"],
    ),
    Metric(
        names.DATABASE_CONNECTION_WAIT,
        Kind.HISTOGRAM,
        "s",
        "Waiting for a connection to the database.",
        ["gateway"],
        boundaries=_CALL_SECONDS,
    ),
    # The keeper
    Metric(names.KEEPER_MEMORY, Kind.GAUGE, "By", "What the models in memory take together.", ["keeper"]),
    Metric(names.KEEPER_BUDGET, Kind.GAUGE, "By", "What they may take; 0: no limit.", ["keeper"]),
    Metric(
        names.KEEPER_MODEL_STATE,
        Kind.GAUGE,
        "",
        "1: unloaded, 2: loading, 3: ready, 4: unloading, 5: failed.",
        ["keeper"],
        [names.MODEL],
    ),
    Metric(
        names.KEEPER_MODEL_HOLDERS, Kind.GAUGE, "{stream}", "Streams that hold the model.", ["keeper"], [names.MODEL]
    ),
    Metric(
        names.KEEPER_LOAD_DURATION,
        Kind.HISTOGRAM,
        "s",
        "Loads that ended well.",
        ["keeper"],
        [names.MODEL],
        (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100),
    ),
    Metric(names.KEEPER_UNLOADS, Kind.COUNTER, "{model}", "Models that had to make room.", ["keeper"], [names.MODEL]),
    Metric(
        names.KEEPER_REFUSALS,
        Kind.COUNTER,
        "{model}",
        "Models that could not be had.",
        ["keeper"],
        [names.REASON, names.MODEL],
    ),
)

_BY_NAME = {metric.name: metric for metric in CATALOGUE}


def counter(name: str, meter: Meter = METER) -> Counter:
    """The counter of that name in the catalogue."""
    metric = _metric(name, Kind.COUNTER)
    return meter.create_counter(name, metric.unit, metric.description)


def up_down_counter(name: str, meter: Meter = METER) -> UpDownCounter:
    """The up-down counter of that name in the catalogue."""
    metric = _metric(name, Kind.UP_DOWN_COUNTER)
    return meter.create_up_down_counter(name, metric.unit, metric.description)


def histogram(name: str, meter: Meter = METER) -> Histogram:
    """The histogram of that name in the catalogue, with its buckets."""
    metric = _metric(name, Kind.HISTOGRAM)
    boundaries = list(metric.boundaries)
    return meter.create_histogram(name, metric.unit, metric.description, explicit_bucket_boundaries_advisory=boundaries)


def gauge(name: str, observe: Observe, meter: Meter = METER) -> None:
    """Have the gauge of that name in the catalogue show what `observe` gives."""
    metric = _metric(name, Kind.GAUGE)
    meter.create_observable_gauge(name, [observe], metric.unit, metric.description)


def _metric(name: str, kind: Kind) -> Metric:
    metric = _BY_NAME[name]
    if metric.kind is not kind:
        raise TypeError(f"{name} is a {metric.kind.value}, not a {kind.value}")
    return metric


class QueueDepth:
    """What waits in the queues of one kind that all streams have, as a gauge."""

    def __init__(self, queue: str, meter: Meter = METER) -> None:
        """Show nothing waiting in `queue`."""
        self.total = 0
        self._attributes = {names.QUEUE: queue}
        gauge(names.QUEUE_DEPTH, self._observe, meter)

    def _observe(self, _options: CallbackOptions) -> Iterable[Observation]:
        return [Observation(self.total, self._attributes)]


class StreamQueueDepth:
    """What waits in the queue of one stream; nothing once its block has ended."""

    def __init__(self, of_all: QueueDepth) -> None:
        """Count with those of the others."""
        self._of_all = of_all
        self._count = 0

    def show(self, count: int) -> None:
        """So much waits now."""
        self._of_all.total += count - self._count
        self._count = count

    async def __aenter__(self) -> Self:
        """The stream begins."""
        return self

    async def __aexit__(self, *_error: object) -> None:
        """The stream has ended."""
        self.show(0)


_retries = counter(names.RETRIES)


def show_retries(dependency: str) -> None:
    """Show from the start how many calls to a dependency were repeated, so that the first one is seen to come."""
    _retries.add(0, {names.DEPENDENCY: dependency})


def count_retry(dependency: str) -> None:
    """Note that a call to a dependency is being repeated."""
    _retries.add(1, {names.DEPENDENCY: dependency})
