"""Failures as a sentence or two for a person: what happened, and what to do."""

import grpc

from livetranslate.client import TranslateError


class CommandError(Exception):
    """Something on this side is in the way; the message says what to do about it."""


def explain(error: Exception) -> str:
    """Returns the message to show for a failure."""
    if isinstance(error, TranslateError) and error.code is grpc.StatusCode.UNAVAILABLE and not error.reason:
        return (
            f"the server cannot be reached ({error.message}).\n"
            "Start one with `livetranslate up`, or name another with --server HOST:PORT."
        )
    if isinstance(error, TranslateError) and error.code is grpc.StatusCode.UNIMPLEMENTED:
        return f"the server does not know this request ({error.message}). Is it a LiveTranslate gateway?"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror.lower()}." if error.filename else f"{error.strerror}."
    return str(error)
