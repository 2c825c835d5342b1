"""The unit of work: one text to speak, and the speech it gives."""

from dataclasses import dataclass, field, replace

LEAST_RATE, GREATEST_RATE = 0.5, 2.0  # of speaking; what every voice can do


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks.

    Attributes:
        name: As the model names it; empty for the model's own choice for the language.
        language: As the model writes it.
        model: The model that has it.
        sample_rate_hertz: Of its audio.
        license: SPDX expression.
        is_imitation: Whether it is nobody's of its own: it imitates `reference`, and is never a default.
        reference: What it imitates, 16 kHz mono s16le: speech of a person, which is not to be seen in any log.
    """

    name: str
    language: str
    model: str
    sample_rate_hertz: int
    license: str = ""
    is_imitation: bool = False
    reference: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """One text to speak. Two are never equal, whatever they say.

    Attributes:
        segment_id: The segment whose translation it is.
        text: What to say.
        speaking_rate: 1 is the voice's own pace.
        traceparent: The segment's trace.
        received_seconds: When it came, by the clock of the stream.
        clause: Which of the segment's texts it is, from 0.
        is_segment_end: Whether it is the last of them.
        end_sample: Where what it translates ends; None where nobody has said.
    """

    segment_id: str
    text: str
    speaking_rate: float = 1.0
    traceparent: str = ""
    received_seconds: float = 0.0
    clause: int = 0
    is_segment_end: bool = False
    end_sample: int | None = None

    def hurried(self, factor: float) -> "Utterance":
        """The same, to be spoken so many times faster, as far as voices can."""
        if factor == 1:
            return self
        return replace(self, speaking_rate=min(GREATEST_RATE, self.speaking_rate * factor))


@dataclass(frozen=True, slots=True)
class Sound:
    """A piece of speech as the model gave it.

    Attributes:
        samples: Mono s16le.
        model_seconds: The time spent in the model so far.
        traceparent: The span of the synthesis; empty where it has none.
    """

    samples: bytes
    model_seconds: float = 0.0
    traceparent: str = ""
