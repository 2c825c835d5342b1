"""Captions do not become worse, later or less steady than they were: a small form of `python -m bench.quality`."""

import pytest

from bench.quality.bounds import broken, read_bounds
from bench.quality.figures import flat
from bench.quality.measures import measure
from bench.quality.player import Play, play_session
from bench.quality.recordings import short_form
from bench.quality.true_transcript import translator
from livetranslate.stack.stack import Stack

MAX_SLIP_SECONDS = 0.1  # a chunk: where the client itself comes so late, the machine cannot tell lags

pytestmark = pytest.mark.slow


async def test_captions_are_as_good_as_they_were(stack: Stack) -> None:
    """Eight sentences in real time: no figure is worse than its bound by more than noise."""
    material = short_form()
    log = await play_session(stack.gateway_address, Play(material))
    with translator(stack.addresses["mt"], "en", "es") as translate_all:
        figures = measure([log], translate_all).figures
    for name, figure in figures.items():
        print(name, figure)  # noqa: T201 - shown by pytest -s
    assert flat(figures)["pacing_slip_seconds.p95"] < MAX_SLIP_SECONDS
    assert broken(read_bounds(material.name), figures) == []
