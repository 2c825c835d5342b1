"""What the stages of one session share."""

from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from gateway.capabilities import Hops
from gateway.events import Notice, NoticeKind
from gateway.hop import Hop
from gateway.options import SessionOptions
from gateway.recorder import Recorder
from gateway.reference import Reference
from gateway.session import GatewaySession
from gateway.trace import SegmentSpans
from livetranslate.breakers import Breakers
from livetranslate.errors import LiveTranslateError
from livetranslate.v1 import types_pb2

Request = TypeVar("Request")
Response = TypeVar("Response")

Apply = Callable[[Callable[[], None]], Awaitable[None]]
"""Puts a fact into the core; waits while the client does not read."""


@dataclass(frozen=True, slots=True)
class StageContext:
    """One session, and what its stages reach."""

    source_language: str
    options: SessionOptions
    session: GatewaySession
    reference: Reference
    recorder: Recorder
    hops: Hops
    breakers: Breakers
    spans: SegmentSpans
    codec_threads: Executor
    apply: Apply
    receive_load: Callable[[str, types_pb2.Load], None]  # a service has told how busy it is
    patience_seconds: float
    opens_early: bool = False  # a stream keeps its models in memory: where a keeper unloads others, from the start on

    def hop(
        self,
        name: str,
        *,
        open_call: Callable[[], Any],
        opening: Callable[[], Iterable[Request]],
        next_request: Callable[[], Request | None],
        receive: Callable[[Response], Awaitable[None]],
        on_patience_end: Callable[[LiveTranslateError], Awaitable[None]],
    ) -> Hop[Request, Response]:
        """A stream to a service, whose client is told when the service is away."""
        return Hop(
            name,
            breakers=self.breakers,
            open_call=open_call,
            opening=opening,
            next_request=next_request,
            receive=receive,
            on_trouble=partial(self._tell_trouble, name),
            on_patience_end=on_patience_end,
            patience_seconds=self.patience_seconds,
        )

    async def receive_notice(self, notice: Notice) -> None:
        """Tell of something that went wrong."""
        await self.apply(lambda: self.session.receive_notice(notice))

    async def give_up(self, kind: NoticeKind, languages: list[str], message: str) -> None:
        """What a service owes in these languages is not waited for any more."""
        await self.apply(lambda: self.session.receive_hop_failure(kind, languages, message))

    async def _tell_trouble(self, name: str, error: LiveTranslateError) -> None:
        message = f"{error.message} It is tried again; nothing is lost, but results of {name} come late."
        await self.receive_notice(Notice(NoticeKind.SERVICE_UNAVAILABLE, message))
