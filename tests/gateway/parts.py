"""A gateway and inner services of a test's own, to be killed and started again, beside a stack's Triton."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.system import ROOMY
from livetranslate.stack.ports import HOST, free_ports
from livetranslate.stack.services import Service, start_service, wait_until_serving
from livetranslate.stack.stack import Stack

NAMES = ("asr", "mt", "tts", "gateway")
READY_SECONDS = 30.0


@dataclass
class Parts:
    """The four services as processes."""

    folder: Path
    env: dict[str, str]
    addresses: dict[str, str]
    services: dict[str, Service] = field(default_factory=dict)

    @property
    def gateway_address(self) -> str:
        return self.addresses["gateway"]

    @classmethod
    def beside(cls, stack: Stack, folder: Path, database_url: str, settings: Mapping[str, str]) -> "Parts":
        """Services on ports of their own; `start` starts them."""
        addresses = {name: f"{HOST}:{port}" for name, port in zip(NAMES, free_ports(len(NAMES)), strict=True)}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LIVETRANSLATE_")}
        urls = {f"LIVETRANSLATE_{name.upper()}_URL": address for name, address in addresses.items()}
        database = {"LIVETRANSLATE_DATABASE_URL": database_url, "LIVETRANSLATE_TRITON_URL": stack.addresses["triton"]}
        return cls(folder, {**kept, **urls, **database, **ROOMY, **settings}, addresses)

    def start(self, *names: str) -> None:
        """Start services and wait until they serve."""
        for name in names:
            self.services[name] = start_service(name, self.addresses[name], env=self.env, log_folder=self.folder)
        for name in names:
            wait_until_serving(self.services[name], READY_SECONDS)

    def kill(self, name: str) -> None:
        """End a service without a chance to say goodbye."""
        self.services.pop(name).process.stop(grace_seconds=0)

    def stop(self) -> None:
        """End what still runs."""
        while self.services:
            self.kill(next(reversed(self.services)))

    def log(self, name: str) -> str:
        """What a service has logged since it was started."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")
