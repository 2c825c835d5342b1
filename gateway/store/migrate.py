"""Brings the database's schema to the newest version, and ends: `python -m gateway.store.migrate`.

The gateway does so, too, when it starts. Run before it, by a user of the database that owns the tables, this lets the
gateway's own user do with the rights to read and write them.
"""

import sys
from typing import Self

from gateway.settings import GatewaySettings
from gateway.store.database import Database
from livetranslate.main import run_service


class MigrationSettings(GatewaySettings):
    """The gateway's, of which one process makes use, and of which nobody asks for metrics."""

    @classmethod
    def from_environment(cls) -> Self:
        """Read and check all variables; raises as the gateway does."""
        return super().from_environment().model_copy(update={"processes": 1, "metrics_listen": None})


async def run(settings: GatewaySettings) -> None:
    database = await Database.open(settings.database_url, timeout_seconds=settings.database_wait_seconds)
    try:
        await database.migrate()
    finally:
        await database.aclose()


def main() -> int:
    return run_service("migrate", MigrationSettings, run)


if __name__ == "__main__":
    sys.exit(main())
