"""The settings of tts: environment variables that start with `LIVETRANSLATE_TTS_`."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from livetranslate.settings import Address, TritonSettings


class TtsSettings(TritonSettings):
    """What an operator can choose."""

    model_config = SettingsConfigDict(env_prefix="LIVETRANSLATE_TTS_", frozen=True, extra="ignore")

    listen: Address = "127.0.0.1:50054"
    input_limit: int = Field(32, ge=1, le=10_000)
    """Texts of one stream that may wait to be spoken; then it is not read until one has been."""
    chunk_ms: int = Field(100, ge=0, le=10_000)
    """The least speech in a message, but for the first and the last of a text: fewer, larger messages cost less."""
    silent_seconds: float = Field(10, gt=0, le=300)
    """How long the model may take for its next chunk before it counts as stuck."""
    input_timeout_seconds: float = Field(600, gt=0, le=3600)
    """How long one text may take in all, at the pace of a client that reads slowly."""
    patience_seconds: float = Field(10, ge=0, le=600)
    """How long a text is tried again without a new sound while the model is away: longer than Triton's restart."""
