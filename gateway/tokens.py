"""Session ids and resume tokens: unguessable, and of a token only its hash is kept."""

import hashlib
import secrets


def new_session_id() -> str:
    """128 random bits, in hexadecimal."""
    return secrets.token_hex(16)


def new_resume_token() -> str:
    """256 random bits, in 43 characters."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> bytes:
    """What is stored of a token: its SHA-256. A token is random and long, so it needs no salt."""
    return hashlib.sha256(token.encode()).digest()
