from livetranslate.load import REMEMBERED_SECONDS, Recent


def test_nothing_measured_is_no_load() -> None:
    """Both figures are zero before the first value."""
    recent = Recent()
    assert (recent.highest(0.0), recent.percentile(0.0)) == (0.0, 0.0)


def test_one_late_moment_among_forty_is_no_load() -> None:
    """The percentile leaves out the worst twentieth; the highest value does not."""
    recent = Recent()
    for tick in range(40):
        recent.add(5.0 if tick == 20 else 0.01, tick / 20)
    assert recent.percentile(2.0) == 0.01
    assert recent.highest(2.0) == 5.0


def test_a_long_delay_is_seen_at_once() -> None:
    """After a block of seconds there are few values, and the highest of them counts."""
    recent = Recent()
    recent.add(0.0, 0.0)
    recent.add(5.0, 5.0)
    recent.add(0.0, 5.05)
    assert recent.percentile(5.05) == 5.0


def test_what_was_long_ago_does_not_count() -> None:
    """A value is forgotten after two seconds."""
    recent = Recent()
    recent.add(3.0, 1.0)
    assert recent.highest(1.0 + REMEMBERED_SECONDS) == 3.0
    assert recent.highest(1.1 + REMEMBERED_SECONDS) == 0.0
