"""The whole system as an operator would run it: replicas of each service, and a breakable way between any two parts."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.system import ROOMY
from livetranslate.stack.ports import HOST, free_ports
from livetranslate.stack.triton import TritonOptions
from tests.chaos.background import Background
from tests.chaos.disk import Disk, mounted_disk
from tests.chaos.network import Network
from tests.chaos.parts import Part, PostgresPart, ServicePart, TritonPart, own_environment

ROOT = Path(__file__).parents[2]
REPLICAS = {"asr": 2, "mt": 1, "tts": 1, "gateway": 2}
INNER = ("asr", "mt", "tts")
START_ORDER = ("postgres", "triton", *INNER, "gateway")
CLIENT = "client"

_TERMINATION_SECONDS = 30.0  # what Kubernetes grants

SETTINGS = {
    **ROOMY,  # what is left out when a process was frozen would count as captions that stood still
    "LIVETRANSLATE_TRITON_WAIT_SECONDS": "60",
    "LIVETRANSLATE_GATEWAY_DATABASE_WAIT_SECONDS": "60",
}


@dataclass
class Cluster:
    """The parts by name, the network between them, and the gateways' disks."""

    network: Network
    parts: dict[str, Part] = field(default_factory=dict)
    disks: dict[str, Disk] = field(default_factory=dict)
    restarted_at: float = 0.0
    """When a part that had died by itself served again, the last time; `time.monotonic()`."""

    def replicas(self, role: str) -> list[Part]:
        """The parts of a role, the busiest first."""
        found = [part for part in self.parts.values() if part.role == role]
        return sorted(found, key=lambda part: self.network.load_of(part.name), reverse=True)

    def start(self, parts: Sequence[Part]) -> None:
        """Start parts and wait until all serve: first those that others need."""
        ordered = sorted(parts, key=lambda part: START_ORDER.index(part.role))
        for part in ordered:
            part.launch()
        for part in ordered:
            part.wait_until_ready()

    def supervise(self) -> list[str]:
        """Start again what died by itself, as any supervisor would; returns what that was."""
        dead = [part for part in self.parts.values() if part.status is not None]
        if dead:
            self.start(dead)
            self.restarted_at = time.monotonic()
        return [part.name for part in dead]

    def update(self, part: ServicePart) -> float:
        """Put a new process in a replica's place, as a rolling update does.

        The new one serves before the old one is told to end, and from then on gets all new connections. Returns the
        seconds that the old one took to end by itself.
        """
        old = part.move(f"{HOST}:{free_ports(1)[0]}")
        self.network.move(part.name, part.address)
        began = time.monotonic()
        status = old.process.stop(_TERMINATION_SECONDS)
        seconds = time.monotonic() - began
        if status:
            raise AssertionError(f"{part.name} did not end well after {seconds:.1f} s: {status}")
        return seconds

    def stop(self) -> None:
        """End everything, also what is frozen."""
        for part in self.parts.values():
            part.kill()
        self.network.close()

    def client_addresses(self, client: str) -> str:
        """Where a client finds the gateways, over ways of its own, opened at the first call."""
        return ",".join(
            self.network.connect(client, part.name, part.address)
            for part in self.parts.values()
            if isinstance(part, ServicePart) and part.role == "gateway"
        )


@contextmanager
def running_cluster(
    background: Background, folder: Path, replicas: Mapping[str, int] = REPLICAS, settings: Mapping[str, str] = SETTINGS
) -> Iterator[Cluster]:
    """A cluster with its logs in `folder`, on the main thread; nothing of it is left running afterwards."""
    cluster = Cluster(Network(background))
    with ExitStack() as stack:
        stack.callback(cluster.stop)
        _add_stores(cluster, folder)
        names = [f"{role}-{number}" for role in replicas for number in range(1, replicas[role] + 1)]
        addresses = dict(zip(names, (f"{HOST}:{port}" for port in free_ports(len(names))), strict=True))
        for name in names:
            if name.startswith("gateway"):
                cluster.disks[name] = stack.enter_context(mounted_disk(folder / "spill" / name))
            env = {**own_environment(), **settings, **_addresses_for(cluster, name, addresses)}
            cluster.parts[name] = ServicePart(name, folder, addresses[name], env)
        cluster.start(list(cluster.parts.values()))
        yield cluster


def _add_stores(cluster: Cluster, folder: Path) -> None:
    options = TritonOptions(model_repository=ROOT / "model_repository")
    cluster.parts["postgres"] = PostgresPart(folder, lambda path: cluster.network.move("postgres", path))
    cluster.parts["triton"] = TritonPart(folder, options, lambda address: cluster.network.move("triton", address))


def _addresses_for(cluster: Cluster, name: str, addresses: Mapping[str, str]) -> dict[str, str]:
    """What a replica is told of where the others are: the ways to them."""
    if not name.startswith("gateway"):
        return {"LIVETRANSLATE_TRITON_URL": cluster.network.connect(name, "triton")}
    ways: dict[str, list[str]] = {role: [] for role in INNER}
    for target, address in addresses.items():
        if (role := target.partition("-")[0]) in ways:
            ways[role].append(cluster.network.connect(name, target, address))
    database = cluster.network.connect(name, "postgres")
    return {
        **{f"LIVETRANSLATE_{role.upper()}_URL": ",".join(found) for role, found in ways.items()},
        "LIVETRANSLATE_DATABASE_URL": f"postgresql://postgres@{database}/postgres?sslmode=disable",
        "LIVETRANSLATE_GATEWAY_SPILL_DIR": str(cluster.disks[name].folder),
    }
