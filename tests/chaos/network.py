"""Every way between two parts of the cluster, as a proxy that can be broken."""

from typing import NamedTuple

from tests.chaos.background import Background
from tests.chaos.proxy import Proxy


class Way(NamedTuple):
    """From whom to whom."""

    source: str
    target: str


class Network:
    """The ways of a cluster. Used from the main thread; the proxies run in the background."""

    def __init__(self, background: Background) -> None:
        """Begin without a way."""
        self._background = background
        self._proxies: dict[Way, Proxy] = {}

    def connect(self, source: str, target: str, upstream: str = "") -> str:
        """Open a way, if there is none yet; returns where `source` connects to reach `target`."""
        way = Way(source, target)
        if way not in self._proxies:
            self._proxies[way] = self._background.run(Proxy.start(upstream))
        return self._proxies[way].address

    def move(self, target: str, upstream: str) -> None:
        """Lead all ways to `target` to where it listens now."""
        for way, proxy in self._proxies.items():
            if way.target == target:
                proxy.upstream = upstream

    def ways(self, source_role: str, target_role: str) -> list[Way]:
        """The ways from replicas of one role to those of another, the busiest first."""
        found = [way for way in self._proxies if _role(way.source) == source_role and _role(way.target) == target_role]
        return sorted(found, key=lambda way: self._proxies[way].load, reverse=True)

    def load_of(self, target: str) -> float:
        """How much reaches a replica, or comes from it."""
        return sum(proxy.load for way, proxy in self._proxies.items() if way.target == target)

    def reset(self, *ways: Way) -> None:
        """Break the connections of ways at once."""
        for way in ways:
            self._background.call(self._proxies[way].reset)

    def swallow(self, *ways: Way) -> None:
        """Make black holes of ways."""
        for way in ways:
            self._background.call(self._proxies[way].swallow)

    def release(self, *ways: Way) -> None:
        """Let through what waits in black holes."""
        for way in ways:
            self._background.call(self._proxies[way].release)

    def close(self) -> None:
        """Close all ways."""
        for proxy in self._proxies.values():
            self._background.run(proxy.aclose())


def _role(name: str) -> str:
    return name.partition("-")[0]
