"""Which pages may send requests: those that this door itself would serve."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from livetranslate.errors import PermissionDeniedError


def check_origin(headers: Mapping[str, str]) -> None:
    """Refuse what a page from elsewhere makes a browser send; programs name no origin.

    Raises:
        PermissionDeniedError: The page is from elsewhere.
    """
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        message = "Pages of other sites may not use this server. Send the request from a program, or through a proxy."
        raise PermissionDeniedError("ORIGIN_NOT_ALLOWED", message)
