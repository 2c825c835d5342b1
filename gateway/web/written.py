"""A transcript as OpenAI's clients read it."""

import json
import math
import zlib
from collections.abc import Mapping
from typing import Any

from gateway.web.transcript import Heard, Transcript
from gateway.web.wish import Wish
from livetranslate.v1 import types_pb2
from livetranslate.wire import seconds_of_duration


def brief(transcript: Transcript) -> dict[str, Any]:
    """`json`: the text alone."""
    return {"text": transcript.text, "usage": usage(transcript)}


def verbose(transcript: Transcript, wish: Wish) -> dict[str, Any]:
    """`verbose_json`: with segments, words, or both."""
    task = "translate" if wish.target else "transcribe"
    told: dict[str, Any] = {
        "task": task,
        "language": transcript.language,
        "duration": round(transcript.duration_seconds, 3),
        "text": transcript.text,
        "usage": usage(transcript),
    }
    if wish.has_segments:
        told["segments"] = [_segment(number, heard) for number, heard in enumerate(transcript.segments)]
    if wish.has_words:
        told["words"] = [_word(word) for heard in transcript.segments for word in heard.words]
    return told


def usage(transcript: Transcript) -> dict[str, Any]:
    """What it took: seconds of audio, whole ones."""
    return {"type": "duration", "seconds": math.ceil(transcript.duration_seconds)}


def server_sent(event: Mapping[str, Any], name: str = "") -> bytes:
    """One event of a stream."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(event, ensure_ascii=False)}\n\n".encode()


def _segment(number: int, heard: Heard) -> dict[str, Any]:
    """What Whisper says of its decoding, and engines here do not, is as it is for text that is all right."""
    written = heard.text.encode()
    return {
        "id": number,
        "seek": 0,
        "start": round(heard.start_seconds, 3),
        "end": round(heard.end_seconds, 3),
        "text": heard.text,
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": round(math.log(heard.confidence), 4) if heard.confidence > 0 else 0.0,
        "compression_ratio": round(len(written) / len(zlib.compress(written)), 4),
        "no_speech_prob": 0.0,
    }


def _word(word: types_pb2.Word) -> dict[str, Any]:
    return {
        "word": word.text,
        "start": round(seconds_of_duration(word.start_offset), 3),
        "end": round(seconds_of_duration(word.end_offset), 3),
    }
