"""What may come over a running session from outside.

Its server stops, the database is away, it goes on elsewhere, its client falls silent or never ends.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from gateway.admission import taken_over
from gateway.events import Notice, NoticeKind
from gateway.recorder import Recorder
from gateway.settings import GatewaySettings
from gateway.store.health import StoreHealth
from livetranslate.errors import UnavailableError
from livetranslate.samples import SAMPLE_RATE_HERTZ
from livetranslate.server import Drain


class Vigil:
    """Waits for it, tells the client, and ends the stream, or the session, where it has to be."""

    def __init__(
        self,
        session_id: str,
        settings: GatewaySettings,
        recorder: Recorder,
        store_health: StoreHealth,
        tell: Callable[[Notice], Awaitable[None]],
    ) -> None:
        """Watch over one session; `tell` gives its client a notice."""
        self._session_id = session_id
        self._settings = settings
        self._recorder = recorder
        self._store_health = store_health
        self._tell = tell
        self._heard_at = time.monotonic()
        self._watchers: list[asyncio.Task[None]] = []
        self._audio_watchers: list[asyncio.Task[None]] = []
        self.is_ending = asyncio.Event()
        """Set when the session has reached a limit: it is to end as if its client had half-closed."""

    def begin(self, tasks: asyncio.TaskGroup, drain: Drain) -> None:
        """Watch; what ends the stream is raised in `tasks`."""
        self._watchers = [
            tasks.create_task(work)
            for work in (
                self._tell_draining(drain),
                self._tell_outages(),
                self._end_when_superseded(),
                self._end_when_lost(),
            )
        ]
        self._audio_watchers = [
            tasks.create_task(work) for work in (self._end_when_closing(drain), self._end_when_inactive())
        ]

    def audio_has_ended(self) -> None:
        """What is left is to finish: that may take as long as the server lets it."""
        for watcher in self._audio_watchers:
            watcher.cancel()

    def end(self) -> None:
        """Nothing can happen to the session any more."""
        for watcher in self._watchers:
            watcher.cancel()

    async def receive_audio(self, sample_count: int) -> None:
        """The client has spoken; so many samples have come in by now."""
        self._heard_at = time.monotonic()
        limit = self._settings.max_session_seconds
        if sample_count > limit * SAMPLE_RATE_HERTZ and not self.is_ending.is_set():
            await self._end_session(f"The session has {limit:g} s of audio, the most that is allowed. It is ended.")

    async def _tell_draining(self, drain: Drain) -> None:
        await drain.draining.wait()
        await self._tell(
            Notice(NoticeKind.DRAINING, "This server is about to stop. Resume the session at another one.")
        )

    async def _tell_outages(self) -> None:
        message = "The database does not answer. Captions go on; checkpoints stand still until it is back."
        while True:
            await self._store_health.lost()
            await self._tell(Notice(NoticeKind.STORE_UNAVAILABLE, message))
            await self._store_health.well()

    async def _end_when_superseded(self) -> None:
        await self._recorder.is_superseded.wait()
        raise taken_over(self._session_id)

    async def _end_when_lost(self) -> None:
        await self._recorder.has_lost.wait()
        message = "Results that waited for the database on disk are lost. Resume the session: they are made again."
        raise UnavailableError("STORE_UNAVAILABLE", message)

    async def _end_when_closing(self, drain: Drain) -> None:
        """A segment must not be cut because a server stops: the client goes on with it elsewhere."""
        await drain.closing.wait()
        raise UnavailableError("DRAINING", "This server stops. Resume the session at another one.")

    async def _end_when_inactive(self) -> None:
        limit = self._settings.inactivity_seconds
        while (rest := self._heard_at + limit - time.monotonic()) > 0:  # noqa: ASYNC110 - nothing tells of silence
            await asyncio.sleep(rest)
        await self._end_session(f"No audio came for {limit:g} s. The session is ended.")

    async def _end_session(self, message: str) -> None:
        await self._tell(Notice(NoticeKind.SESSION_LIMIT, message))
        self.is_ending.set()
