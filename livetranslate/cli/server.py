"""Which server a command talks to: the one named, the one that runs here, or one of its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

import grpc
import typer
from grpc_health.v1 import health_pb2, health_pb2_grpc

LOCAL_ADDRESS: Final = "127.0.0.1:50051"
_HEALTH_TIMEOUT_SECONDS: Final = 2

ServerOption = Annotated[
    str | None,
    typer.Option(
        "--server",
        envvar="LIVETRANSLATE_SERVER",
        metavar="HOST:PORT",
        help=f"The gateway to use; several replicas with commas between. Default: {LOCAL_ADDRESS}.",
    ),
]


@contextmanager
def gateway_address(server: str | None) -> Iterator[str]:
    """Yields the address of a gateway; starts one, and stops it afterwards, where none is named or running."""
    if server is not None:
        yield server
    elif is_serving(LOCAL_ADDRESS):
        yield LOCAL_ADDRESS
    else:
        # Only this case needs the engines.
        from livetranslate.cli.budget import chosen_budget_mib  # noqa: PLC0415
        from livetranslate.cli.profile import chosen  # noqa: PLC0415
        from livetranslate.stack import StackOptions, running_stack  # noqa: PLC0415

        typer.echo("No server is running: starting one for this command.", err=True)
        profile = chosen(os.environ.get("LIVETRANSLATE_PROFILE", "auto"))
        with running_stack(StackOptions(profile=profile, memory_budget_mib=chosen_budget_mib(profile))) as stack:
            yield stack.gateway_address


def is_serving(address: str) -> bool:
    """Whether a healthy server answers there."""
    with grpc.insecure_channel(address) as channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(), timeout=_HEALTH_TIMEOUT_SECONDS
            )
        except grpc.RpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)
