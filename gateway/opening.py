"""How a session begins: the first request is checked, and the session is opened, or taken over, in the database."""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.capabilities import CapabilityFinder
from gateway.cloning import check_cloning
from gateway.door import format_from_proto
from gateway.events import Position, Started, Target
from gateway.options import SessionOptions
from gateway.preparation import Prepare, need_nothing
from gateway.resumption import Resumption
from gateway.session import CONTEXT_SEGMENTS, GatewaySession
from gateway.settings import GatewaySettings
from gateway.store.database import Database
from gateway.store.records import SessionRecord, SessionState
from gateway.store.session_log import SessionLog
from gateway.store.session_table import SessionTable, TakenOver
from gateway.store.totals import read_totals
from gateway.stored import summary_of, target_records, targets_of, transcript_of
from gateway.targets import targets_from_proto
from gateway.tokens import hash_of, new_resume_token, new_session_id
from livetranslate.audio import AudioFormat
from livetranslate.errors import InvalidArgumentError
from livetranslate.samples import SAMPLE_RATE_HERTZ
from livetranslate.v1 import gateway_pb2
from livetranslate.wire import samples_of_duration, seconds_of_duration

MAX_TITLE_CHARACTERS = 200

_MAX_LOST_SAMPLES = 3600 * SAMPLE_RATE_HERTZ  # a longer gap is a mistake

_MAX_RETENTION_SECONDS = 100 * 366 * 86_400


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that may run here.

    Attributes:
        record: What is stored of it.
        session: Its core; None where it has been completed, and there is only to be told what was missed.
        generation: The one by which it is written.
        options: What holds for all of it.
        audio_format: The format of the audio to come.
        audio_sample: Where that audio starts.
        after_event_number: The last event that the client has.
        started: The first event.
    """

    record: SessionRecord
    session: GatewaySession | None
    generation: int
    options: SessionOptions
    audio_format: AudioFormat
    audio_sample: int
    after_event_number: int
    started: Started


class Opener:
    """Opens sessions."""

    def __init__(
        self,
        settings: GatewaySettings,
        capabilities: CapabilityFinder,
        database: Database,
        replica_id: str,
        prepare: Prepare = need_nothing,
    ) -> None:
        """Use what `__main__` has built."""
        self._settings = settings
        self._capabilities = capabilities
        self._database = database
        self._table = SessionTable(database)
        self._log = SessionLog(database)
        self._replica_id = replica_id
        self._prepare = prepare

    async def open(self, config: gateway_pb2.SessionConfig) -> Opened:
        """Open a new session.

        Raises:
            InvalidArgumentError: It cannot be as it is wished.
            ResourceExhaustedError: There is no memory for a model that it needs.
            UnavailableError: A service or the database does not answer.
        """
        _check_config(config)
        targets = targets_from_proto(config.targets)
        options = await asyncio.to_thread(SessionOptions.of, config)
        self._check_cloning(targets, options)
        await self._capabilities.check(config.source_language_code, targets, options.candidates)
        audio_format = format_from_proto(config.audio_format)
        await self._prepare(config.source_language_code, options, targets)
        token = new_resume_token()
        record = SessionRecord(
            session_id=new_session_id(),
            title=config.title,
            state=SessionState.ACTIVE,
            source_language_code=config.source_language_code,
            target_language_codes=tuple(target.language for target in targets),
            start_time=datetime.now(UTC),
            targets=target_records(targets),
            retention_seconds=self._retention_seconds(config),
            store_audio=config.store_audio,
            store_speech=config.store_speech,
        )
        await self._table.insert(record, hash_of(token), self._replica_id, options.to_bytes())
        window = self._settings.resume_seconds
        started = Started(record.session_id, token if window else "", window)
        session = GatewaySession(record.session_id, targets, telling=options.telling)
        return Opened(record, session, 1, options, audio_format, 0, 0, started)

    async def resume(self, request: gateway_pb2.ResumeRequest) -> Opened:
        """Take a session over, wherever it runs or has broken off.

        Raises:
            InvalidArgumentError: The request is wrong.
            NotFoundError: There is no such session.
            PermissionDeniedError: The token is another one's.
            FailedPreconditionError: It is too late.
            UnavailableError: A service or the database does not answer.
        """
        audio_format = format_from_proto(request.audio_format)
        wished = targets_from_proto(request.targets.targets) if request.HasField("targets") else None
        await self._check_resume(request, wished)  # a wrong request must not end the stream that still runs
        taken = await self._table.take_over(request.session_id, hash_of(request.resume_token), self._replica_id)
        record, session_id = taken.session, taken.session.session_id
        targets = list(targets_of(record.targets)) if wished is None else wished
        options = SessionOptions.from_bytes(taken.options)
        started = Started(
            session_id,
            request.resume_token,
            self._settings.resume_seconds,
            is_resumed=True,
            resume_sample=taken.position_sample,
            last_event_number=taken.last_event_number,
        )
        session = None
        if record.state is not SessionState.COMPLETED:
            session = GatewaySession(session_id, targets, await self._resumption(taken, targets), options.telling)
        return Opened(
            record=record,
            session=session,
            generation=taken.generation,
            options=options,
            audio_format=audio_format,
            audio_sample=_audio_sample(request, taken.position_sample),
            after_event_number=request.last_event_number,
            started=started,
        )

    async def _check_resume(self, request: gateway_pb2.ResumeRequest, wished: list[Target] | None) -> None:
        record = await self._table.get(request.session_id)
        if not 0 <= _audio_sample(request, 0) <= record.sample_count + _MAX_LOST_SAMPLES:
            message = (
                "`resume.audio_offset` is negative, or lies more than an hour behind the session's audio. Send the "
                "last checkpoint's `durable_offset`."
            )
            raise InvalidArgumentError("AUDIO_OFFSET_INVALID", message)
        if wished is not None and set(wished) - set(targets_of(record.targets)):
            options = SessionOptions.from_bytes(await self._table.get_options(request.session_id))
            self._check_cloning(wished, options)
            await self._capabilities.check(record.source_language_code, wished, options.candidates)

    def _check_cloning(self, targets: Sequence[Target], options: SessionOptions) -> None:
        has_consent, is_allowed = options.voice_cloning_consent, self._settings.voice_cloning
        check_cloning(targets, has_consent=has_consent, is_allowed=is_allowed)

    async def _resumption(self, taken: TakenOver, targets: Sequence[Target]) -> Resumption:
        session_id = taken.session.session_id
        wanted_languages = {target.language for target in [*targets, *targets_of(taken.session.targets)]}
        totals, untranslated = await asyncio.gather(
            read_totals(self._database, session_id), self._log.read_untranslated(session_id)
        )
        owed = [
            (transcript_of(segment), wanted)
            for segment, missing in untranslated
            if (wanted := [language for language in missing if language in wanted_languages])
        ]
        oldest_segment_id = owed[0][0].segment_id if owed else ""
        context = await self._log.read_last(session_id, CONTEXT_SEGMENTS, oldest_segment_id)
        return Resumption(
            position=Position(taken.position_sample, taken.position_state),
            recognized_sample=totals.end_sample,
            last_event_number=taken.last_event_number,
            totals=summary_of(session_id, totals, taken.position_sample),
            untranslated=owed,
            context=[transcript_of(segment) for segment in context],
        )

    def _retention_seconds(self, config: gateway_pb2.SessionConfig) -> int | None:
        if not config.HasField("retention"):
            return self._settings.retention_seconds or None
        seconds = math.ceil(seconds_of_duration(config.retention))
        if not 0 <= seconds <= _MAX_RETENTION_SECONDS:
            message = "`config.retention` is negative, or longer than 100 years. Zero keeps for ever."
            raise InvalidArgumentError("RETENTION_INVALID", message)
        return seconds or None


def _check_config(config: gateway_pb2.SessionConfig) -> None:
    if not config.source_language_code:
        message = "`config.source_language_code` is empty. Say what is spoken, e.g. en."
        raise InvalidArgumentError("LANGUAGE_MISSING", message)
    if len(config.title) > MAX_TITLE_CHARACTERS:
        message = f"`config.title` is longer than {MAX_TITLE_CHARACTERS} characters."
        raise InvalidArgumentError("TITLE_TOO_LONG", message, limit=str(MAX_TITLE_CHARACTERS))


def _audio_sample(request: gateway_pb2.ResumeRequest, position_sample: int) -> int:
    """Where the audio to come starts."""
    return samples_of_duration(request.audio_offset) if request.HasField("audio_offset") else position_sample
