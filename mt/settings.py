"""The settings of mt: environment variables that start with `LIVETRANSLATE_MT_`."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from livetranslate.settings import Address, TritonSettings


class MtSettings(TritonSettings):
    """What an operator can choose."""

    model_config = SettingsConfigDict(env_prefix="LIVETRANSLATE_MT_", frozen=True, extra="ignore")

    listen: Address = "127.0.0.1:50053"
    draft_interval_ms: int = Field(500, ge=0, le=60_000)
    """The least time between two drafts for one target. Captions read well at two changes a second."""
    draft_timeout_ms: int = Field(1000, ge=1, le=60_000)
    """How long a draft may wait and run: an older one is not worth having."""
    final_timeout_seconds: float = Field(10, gt=0, le=300)
    """How long one attempt at a translation that is to be committed may take."""
    final_limit: int = Field(64, ge=1, le=10_000)
    """Final translations under way in one session; then its stream is not read until some are answered."""
    final_patience_seconds: float = Field(30, ge=0, le=600)
    """How long such a translation is tried again while the model is away or full: longer than Triton's restart."""
    quality_threshold: float = Field(0.7, ge=0, le=1)
    """A clause whose translation seems worse is tried again with the next model, if there is one; 0: never.
    docs/captions.md says what is looked at."""
