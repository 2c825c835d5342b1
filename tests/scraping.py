"""What a service tells Prometheus."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from urllib.request import Request, urlopen

from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


def scraped_text(address: str) -> str:
    """All of it, as Prometheus gets it from `HOST:PORT`."""
    request = Request(f"http://{address}/metrics", headers={"Accept": OPENMETRICS})
    with urlopen(request, timeout=10) as answer:  # noqa: S310
        return str(answer.read().decode())


def scraped(address: str) -> Mapping[str, Sequence[Sample]]:
    """The samples by their names, `…_total` and `…_bucket` included."""
    samples: dict[str, list[Sample]] = defaultdict(list)
    for family in text_string_to_metric_families(scraped_text(address)):  # type: ignore[no-untyped-call]
        for sample in family.samples:
            samples[sample.name].append(sample)
    return samples
