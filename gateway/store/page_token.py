"""Where the next page of a listing starts, as a token that clients hand back unread."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from livetranslate.errors import InvalidArgumentError


@dataclass(frozen=True, slots=True)
class PageToken:
    """The last session of a page; the next page starts with the one opened before it."""

    start_time: datetime
    session_id: str

    def encode(self) -> str:
        """The token as text."""
        content = json.dumps([self.start_time.isoformat(), self.session_id])
        return base64.urlsafe_b64encode(content.encode()).decode()

    @classmethod
    def decode(cls, token: str) -> Self:
        """Reads a token.

        Raises:
            InvalidArgumentError: It is not one of ours.
        """
        try:
            start_time, session_id = json.loads(base64.b64decode(token, altchars=b"-_", validate=True))
            moment = datetime.fromisoformat(start_time)
        except (binascii.Error, ValueError, TypeError) as error:
            raise _refusal() from error
        if not isinstance(session_id, str) or moment.tzinfo is None or "\0" in session_id:
            raise _refusal()
        return cls(moment, session_id)


def _refusal() -> InvalidArgumentError:
    return InvalidArgumentError(
        "PAGE_TOKEN_INVALID", "page_token is not one that a listing returned: leave it empty for the first page"
    )
