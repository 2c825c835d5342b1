"""The way of results to a Riva client: as they come, or gathered into one answer for each of its messages."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from gateway.riva.call import SessionCall
from gateway.riva.chunks import chunks_of
from gateway.riva.results import Results
from gateway.riva.rpc import SendAny
from livetranslate.v1 import gateway_pb2

ResultsOf = Callable[[gateway_pb2.SessionEvent], Results]
MakeResponse = Callable[..., Any]
"""The class of a method's responses, which have `results` and `id`."""


async def stream_results(
    call: SessionCall, requests: AsyncIterator[Any], results_of: ResultsOf, make_response: MakeResponse, send: SendAny
) -> None:
    """Serve a call whose answers are results.

    Args:
        call: The session.
        requests: The client's messages after the first.
        results_of: What an event is told as; most are not told.
        make_response: Makes an answer.
        send: Sends one.

    Raises:
        LiveTranslateError: What ends the session.
    """

    async def send_results(results: Results) -> None:
        await send(make_response(results=results, id=call.request_id))

    async def tell(event: gateway_pb2.SessionEvent) -> None:
        if results := results_of(event):
            await send_results(results)

    if not call.answers_each_chunk:
        await call.run(chunks_of(requests), tell)
        return
    gathered = Gathered()

    async def answer_chunk() -> None:
        await send_results(gathered.take())

    async def gather(event: gateway_pb2.SessionEvent) -> None:
        gathered.add(results_of(event))

    await call.run(chunks_of(requests), gather, answer_chunk)
    if rest := gathered.take():
        await send_results(rest)


class Gathered:
    """Results between two answers.

    Performance clients match the n-th answer with the n-th message, and take one more at the end. What gathers is
    bounded by the audio that has come: the session takes no more of it than it can hold.
    """

    def __init__(self) -> None:
        """Have nothing yet."""
        self._finals: Results = []
        self._interims: Results = []

    def add(self, results: Results) -> None:
        """Add what one event is told as: finals stay, and of what may still change the newest counts."""
        if results and results[0].is_final:
            self._finals += results
            self._interims = []
        elif results:
            self._interims = results

    def take(self) -> Results:
        """What there is to tell, once."""
        results, self._finals, self._interims = self._finals + self._interims, [], []
        return results
