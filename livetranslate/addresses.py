"""Where services are: `HOST:PORT`, or several of them for one service, separated by commas."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NoReturn

_NAME = re.compile(r"[\w.-]+", re.ASCII)
_FORM = "must be HOST:PORT, for example 127.0.0.1:50051 or [::1]:50051"


def check_address(value: str) -> str:
    """One `HOST:PORT`, unchanged.

    Raises:
        ValueError: It is something else.
    """
    _host_of(value)
    return value


def check_addresses(value: str) -> str:
    """One `HOST:PORT`, or several, without spaces.

    Raises:
        ValueError: It is something else, or what gRPC cannot balance over.
    """
    addresses = ",".join(part.strip() for part in value.split(","))
    target_of(addresses)
    return addresses


def target_of(addresses: str) -> str:
    """The gRPC target of a service.

    All addresses that a single name resolves to take part, and are asked for anew when one fails.

    Raises:
        ValueError: The addresses are wrong, or several and not all of them IP addresses of one kind.
    """
    parts = addresses.split(",")
    if len(parts) == 1:
        ip = _ip_of(_host_of(addresses))
        return f"dns:///{addresses}" if ip is None else f"ipv{ip.version}:{addresses}"
    numbers = [part.replace("localhost:", "127.0.0.1:", 1) for part in parts]
    ips = [_ip_of(host := _host_of(number)) or _refuse_name(host) for number in numbers]
    if len({ip.version for ip in ips}) > 1:
        raise ValueError("several addresses must be all IPv4 or all IPv6. Use one DNS name instead")
    return f"ipv{ips[0].version}:{','.join(numbers)}"


def host_and_port(address: str) -> tuple[str, int]:
    """A `HOST:PORT` as sockets take it, an IPv6 address without its brackets.

    Raises:
        ValueError: It is something else.
    """
    return _host_of(address), int(address.rpartition(":")[2])


def _host_of(address: str) -> str:
    """The host of a `HOST:PORT`, an IPv6 address without its brackets."""
    host, _, port = address.rpartition(":")
    name = host[1:-1] if (is_bracketed := host.startswith("[") and host.endswith("]")) else host
    if is_bracketed != isinstance(ip := _ip_of(name), IPv6Address) or not (ip or _NAME.fullmatch(name)):
        raise ValueError(_FORM)
    if not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise ValueError(_FORM)
    return name


def _ip_of(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _refuse_name(host: str) -> NoReturn:
    raise ValueError(f"several addresses must be IP addresses, and {host!r} is a name. Use one DNS name for all")
