import itertools

from bench.gpu.device import GpuFacts, gpu_facts, used_mib, watch_memory


def test_a_gpu_has_its_facts(gpu_driver: None) -> None:
    """As its driver tells them."""
    assert gpu_facts(0) == GpuFacts("NVIDIA A2", "575.51.03", 15_356, 14_600)


def test_memory_in_use_is_what_is_not_free(gpu_driver: None) -> None:
    """Nobody knows that of a GPU that is not there."""
    assert used_mib(0) == 756
    assert used_mib(1) is None


def test_the_most_memory_is_remembered() -> None:
    """Also what was given back by the end."""
    seen = itertools.chain([100, 900], itertools.repeat(300))
    with watch_memory(lambda: next(seen)) as peak:
        pass
    assert peak.used_mib == 900


def test_memory_that_nobody_knows_stays_unknown() -> None:
    """It is not nothing."""
    with watch_memory(lambda: None) as peak:
        pass
    assert peak.used_mib is None
