"""The real database that gateways of these tests use."""

from tests.gateway.conftest import postgres

__all__ = ["postgres"]
