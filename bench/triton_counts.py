"""What Triton has counted of a model: its Prometheus metrics."""

import http.client
import re
from dataclasses import dataclass

from livetranslate.stack.triton import Triton

_TIMEOUT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Counts:
    """Since the model was loaded, or between two looks.

    Attributes:
        requests: That were answered.
        batches: In which they were.
    """

    requests: int
    batches: int

    def since(self, before: "Counts") -> "Counts":
        """What came after an earlier look."""
        return Counts(self.requests - before.requests, self.batches - before.batches)

    @property
    def mean_batch(self) -> float:
        """Requests for each batch."""
        return self.requests / self.batches


def counts_of(triton: Triton, model: str) -> Counts:
    """What a Triton tells of a model that it has loaded."""
    connection = http.client.HTTPConnection(triton.metrics_address, timeout=_TIMEOUT_SECONDS)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    found = re.findall(rf'^nv_inference_(count|exec_count){{model="{model}",version="1"}} (\d+)', text, re.MULTILINE)
    counted = {name: int(number) for name, number in found}
    return Counts(counted["count"], counted["exec_count"])
