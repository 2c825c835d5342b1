"""Session ids and resume tokens."""

import hashlib

from gateway.tokens import hash_of, new_resume_token, new_session_id


def test_ids_and_tokens_cannot_be_guessed() -> None:
    """They carry 128 and 256 random bits, in letters that fit into an address, and no two are alike."""
    ids, tokens = ({make() for _ in range(1000)} for make in (new_session_id, new_resume_token))
    assert len(ids | tokens) == 2000
    assert {len(bytes.fromhex(session_id)) for session_id in ids} == {16}
    assert {len(token) for token in tokens} == {43}
    assert all(token.replace("-", "").replace("_", "").isalnum() for token in tokens)


def test_of_a_token_only_its_hash_is_kept() -> None:
    """It tells tokens apart, and says nothing of them."""
    token = new_resume_token()
    assert hash_of(token) == hashlib.sha256(token.encode()).digest()
    assert hash_of(token) != hash_of(new_resume_token())
    assert hash_of("")
