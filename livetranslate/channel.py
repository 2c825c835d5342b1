"""Channels to the inner services and to Triton."""

import grpc

_MAX_MESSAGE_BYTES = 64 * 1024 * 1024  # between our own parts; the door has its own, smaller limit


def open_channel(
    address: str, *, keepalive_seconds: float = 20, keepalive_timeout_seconds: float = 10
) -> grpc.aio.Channel:
    """A plaintext channel that notices a dead peer.

    Args:
        address: `HOST:PORT`.
        keepalive_seconds: Silence on the connection after which it is pinged.
        keepalive_timeout_seconds: How long a ping may stay unanswered.
    """
    return grpc.aio.insecure_channel(
        address,
        options=[
            ("grpc.max_send_message_length", _MAX_MESSAGE_BYTES),
            ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
            ("grpc.keepalive_time_ms", round(keepalive_seconds * 1000)),
            ("grpc.keepalive_timeout_ms", round(keepalive_timeout_seconds * 1000)),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 2000),  # a peer that is back is found again within 2 s
        ],
    )
