"""Following a session: first what is stored of it, then what happens live.

Where the session runs on this replica a viewer sees partial texts too. Where it runs on another one, its finals are
read from the store as they arrive there.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from gateway.events import Event, Summary, Transcript, Translation
from gateway.store.postgres import PostgresStore
from gateway.store.records import SessionState
from gateway.stored import event_of
from gateway.viewers import RunningSession, Viewers

_POLL_SECONDS = 0.5  # how late finals of another replica's session may be
_PAGE_RECORDS = 500


async def watch(
    session_id: str, after_event_number: int, store: PostgresStore, viewers: Viewers
) -> AsyncGenerator[Event, None]:
    """All finals after an event, each once and in order, then the session's end.

    Raises:
        NotFoundError: There is no such session.
        ResourceExhaustedError: The viewer left too much unread.
    """
    await store.get_session(session_id)
    last = after_event_number
    has_summary = False
    if (running := viewers.find(session_id)) is not None:
        async with aclosing(_follow_here(session_id, last, store, running)) as events:  # a viewer that leaves is let go
            async for event in events:
                last = max(last, event.number)
                has_summary = isinstance(event.body, Summary)
                yield event
    if not has_summary:  # it runs elsewhere, or was broken off
        async for event in _follow_stored(session_id, last, store):
            yield event


async def _follow_here(
    session_id: str, last: int, store: PostgresStore, running: RunningSession
) -> AsyncGenerator[Event, None]:
    with running.watching() as viewer:  # before the store is read, so that nothing falls between
        async for event in _stored(session_id, last, store):
            last = event.number
            yield event
        async for event in viewer.events():
            if not event.is_stored or event.number > last:
                last = max(last, event.number)
                yield event


async def _follow_stored(session_id: str, last: int, store: PostgresStore) -> AsyncGenerator[Event, None]:
    is_over = False
    while not is_over:
        is_over = (await store.get_session(session_id)).state is not SessionState.ACTIVE  # read before its last records
        async for event in _stored(session_id, last, store):
            last = event.number
            yield event
        if not is_over:
            await asyncio.sleep(_POLL_SECONDS)
    yield Event(0, await _summary(session_id, store))


async def _stored(session_id: str, last: int, store: PostgresStore) -> AsyncGenerator[Event, None]:
    while records := await store.read_records(session_id, last, _PAGE_RECORDS):
        for record in records:
            yield event_of(record)
        last = records[-1].event_number


async def _summary(session_id: str, store: PostgresStore) -> Summary:
    """The totals of a session that has ended, from what is stored; notices are not."""
    session = await store.get_session(session_id)
    summary = Summary(session_id, sample_count=session.sample_count)
    async for event in _stored(session_id, 0, store):
        match event.body:
            case Transcript() as body:
                summary = replace(
                    summary,
                    segment_count=summary.segment_count + 1,
                    speech_samples=summary.speech_samples + body.end_sample - body.start_sample,
                    word_count=summary.word_count + len(body.committed_text.split()),
                )
            case Translation():
                summary = replace(summary, translation_count=summary.translation_count + 1)
    return summary
