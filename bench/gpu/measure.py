"""The measurements one after the other, so that each has the GPU to itself."""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console

from bench.engines.bare_whisper import audio
from bench.gpu.batching import Rules
from bench.gpu.capacity import Trial, capacity_of, find_capacity, serve
from bench.gpu.device import GpuFacts, gpu_facts, used_mib
from bench.gpu.engines import COMPUTE_TYPES, OurWhisper, configuration, engines, parameters
from bench.gpu.speaking import Look, looks_of
from bench.gpu.table import capacity_table, throughput_table
from bench.gpu.throughput import Throughput, measure_throughput
from bench.gpu.windows import padded_audio
from bench.machine import machine_facts
from bench.report import write_results
from bench.weights.whisper import save_random_whisper
from livetranslate.engine.log_mel import LogMel

_FEATURE_WINDOWS = 16
_BANDS = 128  # of large-v3 and later


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What to measure.

    Attributes:
        device: `cuda` or `cpu`; only a GPU's figures are written down.
        gpu: Which one, as nvidia-smi counts.
        size: Of the weights.
        batch_sizes: For the throughput.
        seconds: Each throughput takes at least so long.
        talk_seconds: How long the sessions of a trial talk.
        most_sessions: Where the search for the capacity ends.
        is_served: Whether to measure through Triton, too.
    """

    device: str
    gpu: int
    size: str
    batch_sizes: Sequence[int]
    seconds: float
    talk_seconds: float
    most_sessions: int
    is_served: bool


@dataclass(frozen=True, kw_only=True)
class Results:
    """All figures.

    Attributes:
        wanted: How they were measured.
        compute_type: The numbers that the engines computed with.
        gpu: The GPU; None where there was none.
        machine: What the rest of the machine is.
        features_ms: What a processor takes for a window's spectrogram, before the GPU begins.
        throughput: By engine and batch size.
        trials: By how the sessions were served.
        capacity: Of each, the largest number of sessions that was carried.
        left_out: What was not measured, and why.
    """

    wanted: Wanted
    compute_type: str
    gpu: GpuFacts | None
    machine: dict[str, object]
    features_ms: float
    throughput: list[Throughput]
    trials: dict[str, list[Trial]]
    capacity: dict[str, int]
    left_out: list[str]


def measure(wanted: Wanted, console: Console) -> Results:
    """Everything, with tables as it goes."""
    is_cuda = wanted.device == "cuda"
    gpu, machine = gpu_facts(wanted.gpu) if is_cuda else None, machine_facts()
    used = partial(used_mib, wanted.gpu) if is_cuda else _unknown
    left_out: list[str] = []
    with tempfile.TemporaryDirectory(prefix="livetranslate-weights-") as folder:
        weights = Path(folder) / f"whisper-{wanted.size}"
        console.print(f"making weights of the dimensions of {wanted.size} …")
        save_random_whisper(weights, wanted.size)
        features_ms = _features_ms()
        console.print(f"a window's spectrogram takes a processor {features_ms:.1f} ms; hearing windows …")
        throughput = measure_throughput(
            engines(wanted.device), weights, wanted.batch_sizes, seconds=wanted.seconds, used_mib=used
        )
        trials = _trials(wanted, weights, console)
        if wanted.is_served:
            console.print("through Triton …")
            left_out += _add_served(wanted, weights, used=used, throughput=throughput, trials=trials)
    console.print(throughput_table(throughput), capacity_table(trials), *left_out)
    return Results(
        wanted=wanted,
        compute_type=COMPUTE_TYPES[wanted.device],
        gpu=gpu,
        machine=machine,
        features_ms=features_ms,
        throughput=throughput,
        trials=trials,
        capacity={how: capacity_of(found) for how, found in trials.items()},
        left_out=left_out,
    )


def report(results: Results, console: Console) -> None:
    """Write down what a GPU came to."""
    if results.gpu is None:
        console.print("A trial on the processor: nothing is written down.")
    else:
        console.print(f"Written to {write_results('gpu', {'results': results})}")


def _trials(wanted: Wanted, weights: Path, console: Console) -> dict[str, list[Trial]]:
    """In this process, with batches formed as Triton forms them."""
    whisper = OurWhisper(weights, wanted.device)
    rules = Rules.read(configuration())
    lengths = window_lengths(weights)

    def hear(looks: Sequence[Look]) -> None:
        whisper.hear([whisper.window(padded_audio(look, lengths), look.samples, look.prompt) for look in looks])

    def attempt(sessions: int, *, has_prompts: bool) -> Trial:
        console.print(f"{sessions} sessions …")
        return serve(sessions, looks_of(sessions, wanted.talk_seconds, has_prompts=has_prompts), rules, hear)

    for size in range(1, rules.max_batch_size + 1) if wanted.device == "cuda" else [1]:
        whisper.run(size)  # only a GPU chooses its kernels by the size of a batch
    return {
        "ours": find_capacity(partial(attempt, has_prompts=True), wanted.most_sessions),
        "ours, without prompts": find_capacity(partial(attempt, has_prompts=False), wanted.most_sessions),
    }


def _add_served(
    wanted: Wanted,
    weights: Path,
    *,
    used: Callable[[], int | None],
    throughput: list[Throughput],
    trials: dict[str, list[Trial]],
) -> list[str]:
    """Through Triton, where it is installed; else why not."""
    try:  # all of it needs the extras `server` and `embedded`
        from bench.engines.whisper import whisper  # noqa: PLC0415
        from bench.gpu.served import NAME, served_capacity, served_throughput  # noqa: PLC0415
        from livetranslate.stack.process import StackError  # noqa: PLC0415
        from livetranslate.stack.triton_wheel import find_triton_wheel  # noqa: PLC0415
    except ImportError as error:
        return [f"not measured through Triton: {error}"]
    subject = whisper(wanted.size, "gpu" if wanted.device == "cuda" else "cpu", wanted.batch_sizes)
    rules, lengths = Rules.read(configuration()), window_lengths(weights)
    try:
        find_triton_wheel()
        throughput += served_throughput(subject, weights.parent, wanted.seconds, used)
        trials[NAME] = served_capacity(
            subject, weights.parent, rules, lengths, seconds=wanted.talk_seconds, most=wanted.most_sessions
        )
    except StackError as error:
        return [f"not measured through Triton: {error}"]
    return []


def window_lengths(weights: Path) -> list[int]:
    """The lengths in seconds that services pad windows to."""
    return [int(seconds) for seconds in parameters(weights)["window_seconds"].split()]


def _features_ms() -> float:
    log_mel = LogMel(_BANDS)
    windows = [audio(number) for number in range(_FEATURE_WINDOWS)]
    log_mel(windows[:1], 3_000)
    started = time.perf_counter()
    log_mel(windows, 3_000)
    return (time.perf_counter() - started) * 1e3 / len(windows)


def _unknown() -> None:
    return None
