"""Brings the database's schema to the newest version, and ends: `python -m gateway.store.migrate`.

The gateway does so, too, when it starts. Run before it, by a user of the database that owns the tables, this lets the
gateway's own user do with the rights to read and write them.
"""

import sys

from gateway.settings import GatewaySettings
from gateway.store.database import Database
from livetranslate.main import run_service


async def run(settings: GatewaySettings) -> None:
    database = await Database.open(settings.database_url, timeout_seconds=settings.database_wait_seconds)
    try:
        await database.migrate()
    finally:
        await database.aclose()


def main() -> int:
    return run_service("migrate", GatewaySettings, run)


if __name__ == "__main__":
    sys.exit(main())
