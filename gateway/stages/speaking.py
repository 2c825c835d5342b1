"""The third stage: translations to tts, speech back, by one stream for each target that is spoken.

A stream that breaks is opened anew with what tts owes; what was heard of it already is left out.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterator

from gateway import messages, requests
from gateway.events import NoticeKind, Target, Translation
from gateway.stages.context import StageContext
from livetranslate import names
from livetranslate.errors import LiveTranslateError
from livetranslate.v1 import tts_pb2


class Speaking:
    """The way of one session's translations through tts."""

    def __init__(self, context: StageContext, tasks: asyncio.TaskGroup) -> None:
        """Open nothing yet; voices speak in `tasks`."""
        self._context = context
        self._tasks = tasks
        self._voices: dict[Target, tuple[Voice, asyncio.Task[None]]] = {}

    async def push(self) -> None:
        """Send tts what the core has for it, and let go of voices that are not wanted any more."""
        session = self._context.session
        for target in self._voices.keys() - set(session.targets.values()):
            _, task = self._voices.pop(target)
            task.cancel()
            follower = session.targets.get(target.language)
            if follower is not None and session.translations_owed(target.language):
                await self._voice(follower).push()  # another voice says what this one has not said
        for target, translation in session.translations_to_speak():
            await self._voice(target).speak(translation)

    async def finish(self) -> None:
        """Wait until everything is spoken."""
        for voice, _ in self._voices.values():
            await voice.finish()
        for _, task in list(self._voices.values()):
            await task

    def _voice(self, target: Target) -> "Voice":
        if target not in self._voices:
            voice = Voice(self._context, target)
            self._voices[target] = voice, self._tasks.create_task(voice.run())
        return self._voices[target][0]


class Voice:
    """One target's stream."""

    def __init__(self, context: StageContext, target: Target) -> None:
        """Open nothing yet."""
        self._context = context
        self._session = context.session
        self._target = target
        self._waiting: deque[Translation] = deque()
        self._heard: dict[str, int] = {}  # bytes, of the segment that is being spoken
        self._passed = 0  # bytes of it that this stream has brought
        self._hop = context.hop(
            "tts",
            open_call=context.hops.tts.StreamingSynthesize,
            opening=self._opening,
            next_request=self._next_request,
            receive=self._receive,
            on_patience_end=self._give_up,
        )

    async def run(self) -> None:
        """Speak until `finish` has had its effect."""
        await self._hop.run()

    async def speak(self, translation: Translation) -> None:
        """Speak a translation after those before."""
        self._waiting.append(translation)
        await self.push()

    async def push(self) -> None:
        """Send tts what waits. While it is away nothing piles up: the opening begins with what is owed."""
        await self._hop.push()
        if not self._hop.is_open:
            self._waiting.clear()

    async def finish(self) -> None:
        """Nothing more will be spoken: `run` ends when everything is."""
        await self._hop.finish()

    def _opening(self) -> Iterator[tts_pb2.StreamingSynthesizeRequest]:
        self._waiting.clear()
        self._passed = 0
        yield requests.tts_config(self._target, self._session.session_id)
        for translation in self._session.translations_owed(self._target.language):
            yield self._request(translation)

    def _next_request(self) -> tts_pb2.StreamingSynthesizeRequest | None:
        return self._request(self._waiting.popleft()) if self._waiting else None

    def _request(self, translation: Translation) -> tts_pb2.StreamingSynthesizeRequest:
        segment_id, language = translation.segment_id, translation.language
        parent = translation.message.trace.traceparent
        key = ("speak", segment_id, language)
        return requests.tts_input(
            translation, self._context.spans.start(names.GATEWAY_SPEAK_SPAN, key, parent, segment_id, language)
        )

    async def _receive(self, response: tts_pb2.StreamingSynthesizeResponse) -> None:
        match response.WhichOneof("streaming_response"):
            case "audio":
                await self._receive_audio(response.audio)
            case "notice":
                notice = messages.notice_from_proto(response.notice)
                self._context.spans.end(("speak", notice.segment_id, notice.language))
                self._forget()
                await self._context.receive_notice(notice)

    async def _receive_audio(self, audio: tts_pb2.SpeechAudio) -> None:
        segment_id = audio.segment_id
        heard = self._heard.setdefault(segment_id, 0)
        unheard = audio.audio[max(0, heard - self._passed) :]
        self._passed += len(audio.audio)
        self._heard[segment_id] = max(heard, self._passed)
        if len(unheard) < len(audio.audio):
            if not unheard and not audio.is_last:
                return
            audio.audio = unheard
        speech = messages.speech_from_proto(audio, self._target)
        await self._context.recorder.receive_speech(speech)
        if speech.is_last:
            self._context.spans.end(("speak", segment_id, speech.language))
            self._forget()
        await self._context.apply(lambda: self._session.receive_speech(speech, time.monotonic()))

    def _forget(self) -> None:
        self._heard.clear()
        self._passed = 0

    async def _give_up(self, error: LiveTranslateError) -> None:
        await self._context.give_up(NoticeKind.SYNTHESIS_FAILED, [self._target.language], error.message)
