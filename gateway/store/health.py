"""Whether the store takes records, for those who have to tell their clients."""

import asyncio


class StoreHealth:
    """Told by the writer; waited for by the sessions."""

    def __init__(self) -> None:
        """Begin in good health."""
        self._is_lost = asyncio.Event()
        self._is_well = asyncio.Event()
        self._is_well.set()

    def note(self, is_available: bool) -> None:
        """The store has gone away, or is back."""
        (self._is_well if is_available else self._is_lost).set()
        (self._is_lost if is_available else self._is_well).clear()

    async def lost(self) -> None:
        """Wait until the store is away."""
        await self._is_lost.wait()

    async def well(self) -> None:
        """Wait until the store takes records."""
        await self._is_well.wait()
