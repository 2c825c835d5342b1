"""How subtitles are cut, by default as is usual on television and in streaming."""

from dataclasses import dataclass

from livetranslate.errors import InvalidArgumentError

_RANGES = {
    "max_line_characters": (10, 200),
    "max_line_count": (1, 4),
    "min_duration_ms": (0, 10_000),
    "max_characters_per_second": (5, 50),
}


@dataclass(frozen=True, slots=True)
class SubtitleOptions:
    """The limits of a subtitle.

    A character is a code point, wide or narrow: for Chinese, Japanese and Korean 16 in a line are usual.

    Raises:
        InvalidArgumentError: SUBTITLE_OPTIONS_INVALID, a number is out of its range.
    """

    max_line_characters: int = 42
    max_line_count: int = 2
    min_duration_ms: int = 1_000
    max_characters_per_second: int = 17

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name, (low, high) in _RANGES.items():
            value: int = getattr(self, name)
            if not low <= value <= high:
                message = f"`subtitles.{name}` is {value}: {low} to {high} is valid."
                raise InvalidArgumentError("SUBTITLE_OPTIONS_INVALID", message, field=name)

    def reading_time_ms(self, character_count: int) -> int:
        """How long so many characters have to be seen."""
        return max(self.min_duration_ms, -(-character_count * 1_000 // self.max_characters_per_second))
