"""Following somebody else's session, however often the connection breaks."""

import asyncio
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, ExitStack
from typing import Final, Unpack

import grpc
from grpc import aio

from livetranslate.client.channel import Addresses
from livetranslate.client.errors import TranslateError, translate_errors
from livetranslate.client.recovery import PATIENCE_SECONDS, Recovery
from livetranslate.client.requests import WatchOptions
from livetranslate.v1 import gateway_pb2
from livetranslate.v1.gateway_pb2_grpc import LiveTranslateServiceStub

_CONNECTED_AFTER_SECONDS: Final = 5.0  # a connection that does not come about has failed by then


async def watch_async(
    addresses: Addresses[aio.Channel], request: gateway_pb2.WatchSessionRequest, **options: Unpack[WatchOptions]
) -> AsyncGenerator[gateway_pb2.SessionEvent, None]:
    """Yields a session's events until the summary; after a break, those after the last that was received."""
    view = _View(len(addresses), request, options)
    address, channel = addresses.shared()
    async with AsyncExitStack() as own_channel:
        while True:
            call = LiveTranslateServiceStub(channel).WatchSession(request)
            try:
                with translate_errors():
                    async for response in call:
                        view.receive(response.event, address)
                        yield response.event
            except TranslateError as error:
                delay_seconds = view.note_failure(error, address)
            else:
                return
            finally:
                call.cancel()
            if view.is_over:
                return
            await own_channel.aclose()
            addresses.move_on(address)
            await asyncio.sleep(delay_seconds)
            view.note_attempt(addresses.current)
            address, channel = addresses.fresh()
            own_channel.push_async_callback(channel.close)


def watch(
    addresses: Addresses[grpc.Channel], request: gateway_pb2.WatchSessionRequest, **options: Unpack[WatchOptions]
) -> Generator[gateway_pb2.SessionEvent, None, None]:
    """Does the same without asyncio."""
    view = _View(len(addresses), request, options)
    address, channel = addresses.shared()
    with ExitStack() as own_channel:
        while True:
            call = LiveTranslateServiceStub(channel).WatchSession(request)
            try:
                with translate_errors():
                    for response in call:
                        view.receive(response.event, address)
                        yield response.event
            except TranslateError as error:
                delay_seconds = view.note_failure(error, address)
            else:
                return
            finally:
                call.cancel()
            if view.is_over:
                return
            own_channel.close()
            addresses.move_on(address)
            time.sleep(delay_seconds)
            view.note_attempt(addresses.current)
            address, channel = addresses.fresh()
            own_channel.callback(channel.close)


class _View:
    """How far a viewer has come, and what to do about a break."""

    def __init__(self, address_count: int, request: gateway_pb2.WatchSessionRequest, options: WatchOptions) -> None:
        patience_seconds = options.get("reconnect_seconds", PATIENCE_SECONDS)
        self._can_resume = patience_seconds > 0
        self._recovery = Recovery(
            address_count,
            patience_seconds,
            options.get("on_connection"),
            admission_seconds=options.get("admission_seconds", 0.0),
        )
        self._request = request
        self._opened_at = time.monotonic()  # the call that runs
        self._was_open = False
        self.is_over = False

    def note_attempt(self, address: str) -> None:
        self._opened_at = time.monotonic()
        self._recovery.note_attempt(address)

    def receive(self, event: gateway_pb2.SessionEvent, address: str) -> None:
        self._recovery.note_working(address)
        self._was_open = True
        self._request.after_event_number = max(self._request.after_event_number, event.event_number)
        self.is_over = event.HasField("summary")

    def note_failure(self, error: TranslateError, address: str) -> float:
        """Returns the seconds to wait; raises the error where trying again is of no use, unless the session is over."""
        if self.is_over:
            return 0.0
        self._was_open |= time.monotonic() - self._opened_at >= _CONNECTED_AFTER_SECONDS
        return self._recovery.note_failure(error, address, is_open=self._was_open, can_resume=self._can_resume)
