from bench.ghz.report import Report, report_of


def test_a_report_is_read() -> None:
    """Nanoseconds become milliseconds; calls that failed are told by their status."""
    told = {
        "count": 3,
        "rps": 12.345,
        "statusCodeDistribution": {"OK": 2, "ResourceExhausted": 1},
        "latencyDistribution": [{"percentage": 50, "latency": 1_500_000}],
    }
    assert report_of("speak", told) == Report(
        name="speak",
        count=3,
        calls_per_second=12.3,
        statuses={"OK": 2, "ResourceExhausted": 1},
        latency_ms={50: 1.5},
    )
    assert report_of("speak", told | {"latencyDistribution": None}).latency_ms == {}
