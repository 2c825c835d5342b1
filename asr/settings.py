"""The settings of the asr service: environment variables `LIVETRANSLATE_ASR_…`."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from livetranslate.settings import Address, TritonSettings


class AsrSettings(TritonSettings):
    """What can be set; see `livetranslate.settings` for what every service has."""

    model_config = SettingsConfigDict(env_prefix="LIVETRANSLATE_ASR_")

    listen: Address = "127.0.0.1:50052"
    decode_timeout_seconds: float = Field(10, gt=0)
    """How long one step of the decoder may take before it is tried again."""
    decode_patience_seconds: float = Field(30, ge=0)
    """How long a step is tried again while Triton or its model is away, before its segment is given up."""
    slot_timeout_seconds: float = Field(30, gt=0)
    """How long a segment may wait for a free decoder before it is given up: late words are better than none."""
    gate_dbfs: float = Field(-55, ge=-100, le=0)
    """The level below which audio is silence without a look at it."""
    vad_threads: int = Field(2, ge=1, le=64)
    """Threads for what would hold up the event loop: one hears voice activity, of all streams together; the others load
    what tells languages apart."""
