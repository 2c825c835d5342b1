"""Channels to the inner services and to Triton, each behind one address or several."""

import json
from collections.abc import Mapping

import grpc

from livetranslate.addresses import target_of

_MAX_MESSAGE_BYTES = 64 * 1024 * 1024  # between our own parts; the door has its own, smaller limit

SPREAD: Mapping[str, object] = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "healthCheckConfig": {"serviceName": ""},
    "methodConfig": [
        {
            "name": [{}],
            "retryPolicy": {
                "maxAttempts": 3,
                "initialBackoff": "0.05s",
                "maxBackoff": "0.2s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
}
"""Each call goes to the next replica that serves: one that drains says so, and gets no more. A call that meets a dying
one goes to another, unless it has been answered in part."""

STICK: Mapping[str, object] = {"loadBalancingConfig": [{"pick_first": {"shuffleAddressList": True}}]}
"""All calls go to one replica, chosen at random, until it is gone: for those that depend on calls before."""

OPTIONS: list[tuple[str, int]] = [
    ("grpc.max_send_message_length", _MAX_MESSAGE_BYTES),
    ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
    # A frozen peer is given up after 8 s. Healthy ones that are busy answer pings in far less than 3 s.
    ("grpc.keepalive_time_ms", 5000),
    ("grpc.keepalive_timeout_ms", 3000),
    ("grpc.http2.ping_timeout_ms", 3000),  # without it a ping may stay unanswered for a minute
    ("grpc.http2.max_pings_without_data", 0),  # also where nobody speaks for long
    # A peer that is back is found within a second, also where it comes back under another address.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 2000),  # how long one attempt may take
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.dns_min_time_between_resolutions_ms", 1000),
]


def open_channel(addresses: str, balancing: Mapping[str, object] = SPREAD) -> grpc.aio.Channel:
    """A plaintext channel that notices dead peers, and finds them again when they are back.

    Args:
        addresses: `HOST:PORT`; a name stands for all of its addresses. Or several IP addresses: `HOST:PORT,HOST:PORT`.
        balancing: `SPREAD` or `STICK`.
    """
    return grpc.aio.insecure_channel(
        target_of(addresses), options=[*OPTIONS, ("grpc.service_config", json.dumps(balancing))]
    )
