"""The settings of the gateway: environment variables `LIVETRANSLATE_GATEWAY_…`, and the addresses of what it uses."""

import tempfile
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import SettingsConfigDict

from livetranslate.settings import Address, Addresses, ServiceSettings


def _postgres_url(value: str) -> str:
    if not value.startswith(("postgresql://", "postgres://")):
        raise ValueError("must be postgresql://user:password@host:port/database")
    return value


class GatewaySettings(ServiceSettings):
    """What can be set; see `livetranslate.settings` for what every service has."""

    model_config = SettingsConfigDict(env_prefix="LIVETRANSLATE_GATEWAY_")

    listen: Address = "127.0.0.1:50051"
    asr_url: Addresses = Field("127.0.0.1:50052", validation_alias="LIVETRANSLATE_ASR_URL")
    """The asr service's gRPC address, or several."""
    mt_url: Addresses = Field("127.0.0.1:50053", validation_alias="LIVETRANSLATE_MT_URL")
    """The mt service's gRPC address, or several."""
    tts_url: Addresses = Field("127.0.0.1:50054", validation_alias="LIVETRANSLATE_TTS_URL")
    """The tts service's gRPC address, or several."""
    keeper_url: Address | None = Field(None, validation_alias="LIVETRANSLATE_KEEPER_URL")
    """Set where asr, mt and tts have a keeper: a new session's models are then loaded, or refused, before it begins."""
    database_url: Annotated[str, AfterValidator(_postgres_url)] = Field(validation_alias="LIVETRANSLATE_DATABASE_URL")
    """The PostgreSQL that keeps the sessions: postgresql://user:password@host:port/database."""
    database_wait_seconds: float = Field(10, ge=0)
    """How long to wait for the database at start before giving up."""
    spill_dir: Path = Field(default_factory=lambda: Path(tempfile.gettempdir()) / "livetranslate-spill")
    """Where finals wait on disk while the database is away for long. Put it on a volume that outlives the process."""
    max_sessions: int = Field(100, ge=1)
    """Sessions that may run at a time on this replica; further ones are refused with RESOURCE_EXHAUSTED."""
    inactivity_seconds: float = Field(1800, gt=0)
    """How long a client may send no audio before its session is ended."""
    max_session_seconds: float = Field(86_400, gt=0)
    """How much audio a session may have before it is ended: a day."""
    resume_seconds: float = Field(300, ge=0)
    """How long a session whose stream broke can be resumed; then it is ended as interrupted."""
    retention_seconds: int = Field(30 * 86_400, ge=0)
    """How long a session is kept after its end, unless it says otherwise itself; 0: for ever."""
    hop_patience_seconds: float = Field(30, gt=0)
    """How long asr, mt or tts may be away before what they owe is given up (mt, tts), or the session's stream is ended
    to be resumed elsewhere (asr)."""
    voice_cloning: bool = False
    """Whether sessions whose speaker agrees may be spoken in the speaker's own voice."""
    stall_seconds: float = Field(30, gt=0)
    """How long a client may leave a message unread before its stream is ended."""
    store_seconds: float = Field(10, gt=0)
    """How long the end of a session waits for the database to take what is final."""
    decoder_threads: int = Field(4, ge=1, le=64)
    """Threads that decode and resample incoming audio, and encode speech."""
