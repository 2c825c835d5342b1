"""What a session has sent and may have to send again. It decides; it neither connects nor waits.

add_…()          the caller speaks: it is kept in order, up to a limit
restart()        a stream opens: its first message
next_request()   what this stream is to be sent next; None: nothing for now, or, if `is_drained`, nothing any more
note_event()     the server says something: what of it the caller is to have
pause()          the stream broke
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

from livetranslate.client.clock import RATE_HERTZ, Clock, duration_of, samples_of
from livetranslate.client.errors import TranslateError
from livetranslate.client.given import Given
from livetranslate.client.requests import MAX_AUDIO_MESSAGE_BYTES, audio_requests
from livetranslate.v1 import gateway_pb2, types_pb2
from livetranslate.v1.gateway_pb2 import SessionEvent, StreamingTranslateSpeechRequest

REPLAY_LIMIT_BYTES: Final = 64 * 1024 * 1024  # 35 minutes of 16 kHz s16le
_ITEM_BYTES: Final = 256  # what a message takes beside its audio: small ones are bounded, too
_CONTAINER_BYTES_PER_SECOND: Final = 32_000  # nobody knows; a guess on the safe side
_GIVEN_UP: Final = (
    "The session cannot be resumed: a container has to be sent again from its beginning, "
    "and this one is longer than `replay_limit_bytes`."
)


@dataclass(frozen=True, slots=True)
class _Item:
    """One message and the range of the caller's bytes that it covers; a wish lies between two bytes."""

    start_byte: int
    end_byte: int
    request: StreamingTranslateSpeechRequest

    @property
    def cost_bytes(self) -> int:
        return self.end_byte - self.start_byte + _ITEM_BYTES


class Replay:
    """Keeps what was sent after the watermark, and knows what the caller has.

    Attributes:
        session_id: The session; empty until the server has named it.
        resume_token: What it takes to resume it; empty where the server does not support that.
        is_finished: Whether the caller has nothing more to send.
        is_over: Whether the summary came.
        lost_audio_seconds: Audio that the server needed and that had been forgotten because of the limit.
    """

    def __init__(self, opening: StreamingTranslateSpeechRequest, limit_bytes: int, *, can_resume: bool = True) -> None:
        """Begins with the first message of a session, which is `config`, or `resume` for one begun elsewhere."""
        self._opening = opening
        self._limit_bytes = limit_bytes
        self._wants_resume = can_resume
        first = opening.resume if opening.HasField("resume") else opening.config
        self._format = first.audio_format
        is_container = self._format.encoding == types_pb2.AUDIO_ENCODING_CONTAINER
        self._clock = None if is_container else Clock(self._format)
        self._targets = _opening_targets(opening)
        self._items: deque[_Item] = deque()
        self._cost_bytes = 0
        self._sent_items = 0  # how many of them this stream has been sent
        self._said_bytes = 0  # all that the caller has ever sent
        self._owed_bytes = 0  # silence that this stream is to be sent first, in the place of what was forgotten
        self._unsent_bytes = 0
        self._origin: int | None = _origin(opening)  # the sample at which the caller's first byte lies
        self._watermark = 0
        self._stored_number = opening.resume.last_event_number
        self._received_number = opening.resume.last_event_number
        self._given = Given()
        self._is_streaming = False
        self._has_given_up = False
        self.has_started = False
        self.session_id = opening.resume.session_id
        self.resume_token = opening.resume.resume_token
        self.is_finished = False
        self.is_over = False
        self.lost_audio_seconds = 0.0

    # What the caller says

    def add_audio(self, audio: bytes) -> None:
        """Takes audio that follows what came before."""
        for request in audio_requests(audio):
            self._add(request, len(request.audio))

    def add_targets(self, targets: gateway_pb2.TargetsUpdate) -> None:
        """Takes the targets from here on."""
        self._add(StreamingTranslateSpeechRequest(targets=targets), 0)

    def add_flush(self) -> None:
        """Takes the wish to end the segment here."""
        self._add(StreamingTranslateSpeechRequest(flush=gateway_pb2.FlushRequest()), 0)

    def finish(self) -> None:
        """Takes in that nothing more comes."""
        self.is_finished = True

    # What the stream is to be sent

    def restart(self) -> StreamingTranslateSpeechRequest:
        """Opens a stream: returns its first message; `next_request` then begins with what the server needs."""
        self._is_streaming = True
        self._sent_items = 0
        request = self._resumption() if self.session_id and self.resume_token else self._reopening()
        self._unsent_bytes = self._owed_bytes + self._kept_bytes
        return request

    def pause(self) -> None:
        """Takes in that the stream has broken: everything kept is unsent again."""
        self._is_streaming = False
        self._sent_items = 0
        self._unsent_bytes = self._kept_bytes

    def next_request(self) -> StreamingTranslateSpeechRequest | None:
        """The next message for this stream; None while there is none."""
        if self._origin is None:
            return None  # the server is still to say where the caller's audio begins
        if self._owed_bytes:
            size_bytes = min(self._owed_bytes, MAX_AUDIO_MESSAGE_BYTES)
            self._owed_bytes -= size_bytes
            self._unsent_bytes -= size_bytes
            return StreamingTranslateSpeechRequest(audio=bytes(size_bytes))
        if self._sent_items == len(self._items):
            return None
        item = self._items[self._sent_items]
        self._sent_items += 1
        self._unsent_bytes -= item.end_byte - item.start_byte
        if not self._keeps:
            self._drop_first()
        return item.request

    @property
    def is_drained(self) -> bool:
        """Whether this stream has been sent everything, and nothing more comes."""
        sent_all = self._sent_items == len(self._items) and not self._owed_bytes
        return self.is_finished and sent_all and self._origin is not None

    @property
    def unsent_seconds(self) -> float:
        """How much audio this stream is still to be sent."""
        return self._unsent_bytes / (self._clock.bytes_per_second if self._clock else _CONTAINER_BYTES_PER_SECOND)

    # What the server says

    def note_event(self, event: SessionEvent) -> bool:
        """Takes an event in; returns whether the caller is to have it."""
        self._received_number = max(self._received_number, event.event_number)
        match event.WhichOneof("event"):
            case "session_started":
                return self._note_started(event.session_started)
            case "checkpoint":
                return self._note_checkpoint(event.checkpoint)
            case "summary":
                self.is_over = True
        return self._given.admit(event)

    # How things stand

    @property
    def last_event_number(self) -> int:
        """The last event that the caller has and that is stored; numbers after it may be given anew."""
        return min(self._stored_number, self._received_number)

    @property
    def can_resume(self) -> bool:
        """Whether the session can go on over another stream."""
        return bool(self._wants_resume and self.resume_token and not self._has_given_up)

    @property
    def has_given_up(self) -> bool:
        """Whether the session cannot be resumed because its container has outgrown the limit."""
        return self._has_given_up

    def explained(self, error: TranslateError) -> TranslateError:
        """A break's error, with a sentence about what stands in the way of going on, if anything does."""
        if not self._has_given_up:
            return error
        message = f"{error.message} {_GIVEN_UP}".strip()
        return TranslateError(error.code, message, error.reason, error.metadata)

    @property
    def is_streaming(self) -> bool:
        """Whether there is a stream that has not broken, as far as known."""
        return self._is_streaming

    @property
    def _keeps(self) -> bool:
        """What was sent is kept while it may be needed again; until the server has answered nobody knows."""
        return not self._has_given_up and (not self.has_started or self.can_resume)

    def _note_started(self, started: gateway_pb2.SessionStarted) -> bool:
        is_first, self.has_started = not self.has_started, True
        self.session_id, self.resume_token = started.session_id, started.resume_token or self.resume_token
        offset = samples_of(started.resume_offset)
        if self._origin is None:
            self._origin = offset
        elif started.is_resumed and self._clock is not None:
            first_kept = self._origin + self._clock.samples(self._first_byte)
            self.lost_audio_seconds += max(0, first_kept - offset) / RATE_HERTZ
        while not self._keeps and self._sent_items:
            self._drop_first()
        return is_first

    def _note_checkpoint(self, checkpoint: gateway_pb2.Checkpoint) -> bool:
        """Moves the watermark; returns whether it moved forwards."""
        offset = samples_of(checkpoint.durable_offset)
        if offset < self._watermark:
            return False
        self._watermark = offset
        self._stored_number = max(self._stored_number, checkpoint.last_event_number)
        if self._received_number >= checkpoint.last_event_number:
            self._given.forget_before(offset)
        cut = self._cut()
        while self._sent_items and self._items[0].start_byte < cut and self._items[0].end_byte <= cut:
            self._drop_first()
        return True

    def _reopening(self) -> StreamingTranslateSpeechRequest:
        """The opening as it was: the server has not answered it yet, or said that it cannot resume."""
        self._owed_bytes = self._first_byte
        return self._opening

    def _resumption(self) -> StreamingTranslateSpeechRequest:
        cut = self._cut()
        while self._items and self._items[0].start_byte < cut:
            item = self._drop_first()
            if item.end_byte > cut:
                self._keep_rest(item, cut)
        self._received_number = self.last_event_number  # what came after it comes again
        start_byte = self._clock.aligned(self._first_byte) if self._clock else 0
        self._owed_bytes = self._first_byte - start_byte
        resume = gateway_pb2.ResumeRequest(
            session_id=self.session_id,
            resume_token=self.resume_token,
            last_event_number=self.last_event_number,
            audio_format=self._format,
            targets=self._targets,
        )
        if self._origin is not None:
            offset = self._origin + (self._clock.samples(start_byte) if self._clock else 0)
            resume.audio_offset.CopyFrom(duration_of(offset))
        return StreamingTranslateSpeechRequest(resume=resume)

    def _cut(self) -> int:
        """The byte before which nothing is needed any more."""
        if self._clock is None or self._origin is None:
            return 0
        return self._clock.cut_before(self._watermark - self._origin)

    # What is kept

    @property
    def _kept_bytes(self) -> int:
        return self._said_bytes - self._first_byte

    @property
    def _first_byte(self) -> int:
        return self._items[0].start_byte if self._items else self._said_bytes

    def _add(self, request: StreamingTranslateSpeechRequest, size_bytes: int) -> None:
        if self.is_finished:
            raise ValueError("finish() was called: nothing more can be sent")
        item = _Item(self._said_bytes, self._said_bytes + size_bytes, request)
        self._said_bytes = item.end_byte
        self._unsent_bytes += size_bytes
        self._items.append(item)
        self._cost_bytes += item.cost_bytes
        while self._cost_bytes > self._limit_bytes and self._items and self._forget_oldest():
            pass

    def _forget_oldest(self) -> bool:
        """Makes room at the expense of the oldest; returns whether any was made."""
        if self._clock is None:
            return self._give_up()
        was_sent = self._sent_items > 0
        item = self._drop_first()
        size_bytes = item.end_byte - item.start_byte
        if not was_sent and self._is_streaming:
            self._owed_bytes += size_bytes  # the stream's clock goes on, with silence
            self.lost_audio_seconds += size_bytes / self._clock.bytes_per_second
        elif not was_sent:
            self._unsent_bytes -= size_bytes
        return True

    def _give_up(self) -> bool:
        """A container is of no use without its beginning: a stream that runs is served on, but cannot be resumed."""
        self._has_given_up = True
        count = self._sent_items if self._is_streaming else len(self._items)
        for _ in range(count):
            self._drop_first()
        return count > 0

    def _drop_first(self) -> _Item:
        item = self._items.popleft()
        self._cost_bytes -= item.cost_bytes
        self._sent_items = max(0, self._sent_items - 1)
        if item.request.HasField("targets"):
            self._targets = item.request.targets
        return item

    def _keep_rest(self, item: _Item, start_byte: int) -> None:
        audio = item.request.audio[start_byte - item.start_byte :]
        rest = _Item(start_byte, item.end_byte, StreamingTranslateSpeechRequest(audio=audio))
        self._items.appendleft(rest)
        self._cost_bytes += rest.cost_bytes


def _opening_targets(opening: StreamingTranslateSpeechRequest) -> gateway_pb2.TargetsUpdate | None:
    if opening.HasField("config"):
        return gateway_pb2.TargetsUpdate(targets=opening.config.targets)
    return opening.resume.targets if opening.resume.HasField("targets") else None


def _origin(opening: StreamingTranslateSpeechRequest) -> int | None:
    """Where the caller's audio begins; a program that was restarted may leave that to the server."""
    if opening.HasField("config"):
        return 0
    return samples_of(opening.resume.audio_offset) if opening.resume.HasField("audio_offset") else None
