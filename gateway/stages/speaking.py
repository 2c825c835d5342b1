"""The third stage: clauses of translation to tts, speech back, by one stream for each target that is spoken.

A stream that breaks is opened anew with what tts owes; what was heard of it already is left out. So is one that speaks
in the default voice, once enough was heard of the speaker whose own voice is wished for: between two segments.
"""

import asyncio
import time
from collections import deque
from collections.abc import Hashable, Iterator
from dataclasses import replace

from gateway import messages, requests
from gateway.cloning import SPEAKER
from gateway.events import NoticeKind, SpokenClause, Target
from gateway.playout import Playout
from gateway.speech_encoder import SpeechEncoder
from gateway.stages.context import StageContext
from livetranslate import names
from livetranslate.errors import LiveTranslateError
from livetranslate.v1 import tts_pb2


class Speaking:
    """The way of one session's clauses through tts."""

    def __init__(self, context: StageContext, tasks: asyncio.TaskGroup) -> None:
        """Open nothing yet; voices speak in `tasks`."""
        self._context = context
        self._tasks = tasks
        self._voices: dict[Target, tuple[Voice, asyncio.Task[None]]] = {}
        self._spoken_samples: dict[str, int] = {}  # by language: where the speech of the voice before ends

    async def open(self) -> None:
        """Open the streams though there is nothing to speak yet."""
        for target in self._context.session.targets.values():
            if target.speech:
                await self._voice(target).push()

    async def push(self) -> None:
        """Send tts what the core has for it, and let go of voices that are not wanted any more."""
        session = self._context.session
        for target in self._voices.keys() - set(session.targets.values()):
            voice, task = self._voices.pop(target)
            task.cancel()
            self._spoken_samples[target.language] = voice.break_off()
            follower = session.targets.get(target.language)
            if follower is not None and session.clauses_owed(target.language):
                await self._voice(follower).push()  # another voice says what this one has not said
        for _, clause in session.clauses_to_speak():
            current = session.targets.get(clause.language)  # it may change while another clause waits for its voice
            if current is not None and current.speech:
                await self._voice(current).speak(clause)

    async def finish(self) -> None:
        """Wait until everything is spoken."""
        for voice, _ in self._voices.values():
            await voice.finish()
        for _, task in list(self._voices.values()):
            await task

    def _voice(self, target: Target) -> "Voice":
        if target not in self._voices:
            voice = Voice(self._context, target, self._spoken_samples.get(target.language, 0))
            self._voices[target] = voice, self._tasks.create_task(voice.run())
        return self._voices[target][0]


class Voice:
    """One target's stream."""

    def __init__(self, context: StageContext, target: Target, spoken_sample: int) -> None:
        """Open nothing yet; what is spoken is heard after that sample."""
        self._context = context
        self._session = context.session
        self._target = target
        self._waiting: deque[SpokenClause] = deque()
        self._begun_with: frozenset[SpokenClause] = frozenset()  # what the stream was asked for when it was opened
        self._reference = b""  # what the stream was given to imitate
        self._may_imitate = target.voice == SPEAKER
        self._is_between_segments = True  # as far as the stream was asked
        self._playout = Playout(spoken_sample)
        self._encoder = SpeechEncoder(target.speech_options.encoding, context.codec_threads)
        self._hop = context.hop(
            "tts",
            open_call=context.hops.tts.StreamingSynthesize,
            opening=self._opening,
            next_request=self._next_request,
            receive=self._receive,
            on_patience_end=self._give_up,
        )

    def break_off(self) -> int:
        """Nothing more of it is heard; returns where, in the session's time, its speech ends."""
        self._playout.close()
        return self._playout.spoken_sample

    async def run(self) -> None:
        """Speak until `finish` has had its effect."""
        await self._hop.run()

    async def speak(self, clause: SpokenClause) -> None:
        """Speak a clause after those before; what the stream was opened with has been asked for."""
        if clause not in self._begun_with:
            self._waiting.append(clause)
        await self.push()

    async def push(self) -> None:
        """Send tts what waits. While it is away nothing piles up: the opening begins with what is owed."""
        await self._hop.push()
        if self._has_more_to_imitate:
            await self._hop.renew()
        if not self._hop.is_open:
            self._waiting.clear()

    async def finish(self) -> None:
        """Nothing more will be spoken: `run` ends when everything is."""
        await self._hop.finish()

    def _opening(self) -> Iterator[tts_pb2.StreamingSynthesizeRequest]:
        self._waiting.clear()
        self._imitate()
        self._playout.begin_again()
        owed = self._session.clauses_owed(self._target.language)  # now: clauses that come from here on will be waiting
        self._begun_with = frozenset(owed)
        spoken_sample = self._playout.spoken_sample
        yield requests.tts_config(self._target, self._session.session_id, spoken_sample, self._reference)
        yield from map(self._request, owed)

    def _next_request(self) -> tts_pb2.StreamingSynthesizeRequest | None:
        if self._has_more_to_imitate:
            return None  # what comes now is for the next stream
        return self._request(self._waiting.popleft()) if self._waiting else None

    @property
    def _has_more_to_imitate(self) -> bool:
        """Whether the stream is to give way to one that imitates the speaker."""
        return self._is_between_segments and self._to_imitate != self._reference

    @property
    def _to_imitate(self) -> bytes:
        """What a new stream is given to imitate."""
        return self._context.reference.audio if self._may_imitate else b""

    def _imitate(self) -> None:
        """Where another voice speaks from here on, what it says again was not heard from it."""
        if self._to_imitate != self._reference:
            self._reference = self._to_imitate
            self._playout.close()
            self._encoder.forget()

    def _request(self, clause: SpokenClause) -> tts_pb2.StreamingSynthesizeRequest:
        segment_id, language, parent = clause.segment_id, clause.language, clause.traceparent
        self._is_between_segments = clause.is_segment_end
        key = self._span(segment_id, clause.clause)
        traceparent = self._context.spans.start(names.GATEWAY_SPEAK_SPAN, key, parent, segment_id, language)
        return requests.tts_input(clause, traceparent)

    async def _receive(self, response: tts_pb2.StreamingSynthesizeResponse) -> None:
        if response.HasField("load"):
            self._context.receive_load("tts", response.load)
        match response.WhichOneof("streaming_response"):
            case "audio":
                await self._receive_audio(response.audio)
            case "notice":
                notice = messages.notice_from_proto(response.notice)
                if notice.kind is NoticeKind.SYNTHESIS_FAILED:  # what is skipped is closed by an empty chunk
                    self._close_failed(notice.segment_id)
                await self._context.receive_notice(notice)

    async def _receive_audio(self, audio: tts_pb2.SpeechAudio) -> None:
        unheard = self._playout.unheard(audio)
        if not unheard and not audio.is_last:
            return
        audio.audio = unheard
        speech = messages.speech_from_proto(audio, self._target)
        await self._context.recorder.receive_speech(speech)
        audio.audio = await self._encoder.encode(unheard, audio.sample_rate_hertz, is_last=audio.is_last)
        if audio.is_last:
            self._close(audio.segment_id, audio.clause)
        elif not audio.audio:
            return  # no page is full yet
        speech = replace(speech, encoding=self._target.speech_options.encoding)
        await self._context.apply(lambda: self._session.receive_speech(speech, time.monotonic()))

    def _close(self, segment_id: str, clause: int) -> None:
        """Nothing more comes of the clause that was being spoken."""
        self._context.spans.end(self._span(segment_id, clause))
        self._playout.close()
        self._encoder.forget()

    def _close_failed(self, segment_id: str) -> None:
        """The segment's next clause has failed: tts speaks them in order."""
        owed = self._session.clauses_owed(self._target.language)
        for clause in [owed_clause.clause for owed_clause in owed if owed_clause.segment_id == segment_id][:1]:
            self._close(segment_id, clause)

    def _span(self, segment_id: str, clause: int) -> Hashable:
        return "speak", segment_id, self._target.language, clause

    async def _give_up(self, error: LiveTranslateError) -> None:
        if self._reference:
            self._may_imitate = False  # whoever imitates is away for long: the default voice may be there
        self._playout.close()
        self._encoder.forget()
        await self._context.give_up(NoticeKind.SYNTHESIS_FAILED, [self._target.language], error.message)
