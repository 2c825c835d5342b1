"""Pages that may send requests."""

import pytest

from gateway.web.origin import check_origin
from livetranslate.errors import PermissionDeniedError


@pytest.mark.parametrize("headers", [{}, {"host": "a:80"}, {"origin": "http://a:80", "host": "a:80"}])
def test_programs_and_own_pages_may(headers: dict[str, str]) -> None:
    """They name no origin, or this one."""
    check_origin(headers)


@pytest.mark.parametrize("origin", ["http://b:80", "http://a:81", "null", ""])
def test_other_pages_may_not(origin: str) -> None:
    """Also those that do not say which they are."""
    with pytest.raises(PermissionDeniedError):
        check_origin({"origin": origin, "host": "a:80"})
