"""What a client in any language has to do against the running system; each language's tests import these."""

from livetranslate.stack.stack import Stack
from tests.clients.package import Captions, Package, spoken_session
from tests.gateway.parts import Parts


async def test_a_killed_gateway_costs_no_word(
    package: Package, stack: Stack, doomed: Parts, expected: Captions
) -> None:
    """It goes on at the other address, and has each final of the Python client once."""
    addresses = f"{doomed.gateway_address},{stack.gateway_address}"
    assert package.captions_across_a_break(addresses, lambda: doomed.kill("gateway")) == expected


async def test_a_gateway_that_comes_back_at_its_address_is_found(
    package: Package, doomed: Parts, expected: Captions
) -> None:
    """With one address it asks until somebody answers there."""

    def restart() -> None:
        doomed.kill("gateway")
        doomed.start("gateway")

    assert package.captions_across_a_break(doomed.gateway_address, restart) == expected


async def test_an_address_that_does_not_answer_is_passed_over(
    package: Package, stack: Stack, silent: str, expected: Captions
) -> None:
    """It waits a few seconds for it, not the minutes that the operating system would."""
    assert package.captions_of(f"{silent},{stack.gateway_address}") == expected


async def test_a_viewer_is_told_every_final(package: Package, stack: Stack, expected: Captions) -> None:
    """Of a session that somebody else spoke in."""
    session_id = await spoken_session(stack.gateway_address)
    assert package.watched(stack.gateway_address, session_id) == expected


def test_an_error_of_the_caller_ends_it(package: Package, stack: Stack) -> None:
    """It says what to do, and is not tried again."""
    assert "xx" in package.failure(stack.gateway_address, "xx")
