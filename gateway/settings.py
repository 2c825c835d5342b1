"""The settings of the gateway: environment variables `LIVETRANSLATE_GATEWAY_…`, and the addresses of what it uses."""

import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import SettingsConfigDict

from livetranslate.settings import Address, Addresses, ServiceSettings


def _postgres_url(value: str) -> str:
    if not value.startswith(("postgresql://", "postgres://")):
        raise ValueError("must be postgresql://user:password@host:port/database")
    return value


def _has_riva() -> bool:
    """Whether the extra is installed; its modules, which take a fifth of a second to import, are left alone."""
    return find_spec("riva") is not None and find_spec("riva.client") is not None


def _installed(is_wanted: bool) -> bool:
    if is_wanted and not _has_riva():
        raise ValueError("needs the extra `riva`: pip install 'livetranslate[riva]'")
    return is_wanted


def _has_web(address: str | None) -> str | None:
    if address is not None and any(find_spec(name) is None for name in ("starlette", "uvicorn", "python_multipart")):
        raise ValueError("needs the extra `web`: pip install 'livetranslate[web]'")
    return address


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
    """Where finals wait on disk while the database is away for long: a folder of the gateway's user alone (mode 0700),
    made where it is not there. Put it on a volume that outlives the process; several gateways may share it."""
    processes: int = Field(1, ge=1, le=64)
    """Processes that share the port: one for each core that the gateway may use. Limits are those of each process, and
    each has a port of its own for metrics: the first one's, and those that follow it."""
    shares_port: bool = False
    """Whether other processes may listen on the same port, too; set by the first of several processes."""
    max_sessions: int = Field(100, ge=1)
    """Sessions that may run at a time on this replica; further ones are refused with RESOURCE_EXHAUSTED."""
    sessions_per_second: int = Field(20, ge=1, le=1000)
    """The most new sessions that may begin in a second: a rush must not be let in before what it costs was measured.
    Where few run, or work begins to wait, fewer may."""
    queue_wait_bound_ms: int = Field(500, ge=1)
    """How long work may wait for a model before new sessions are refused, and running ones are told less if it lasts: a
    sixth of the 3 s in which committed words are to come, which a step of audio and a pause of the speaker have to fit
    in, too."""
    loop_delay_bound_ms: int = Field(100, ge=1)
    """The same for how late an event loop may be, that of the gateway, asr, mt or tts: a result passes them a dozen
    times, so a second of those three may be lost."""
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
    riva: Annotated[bool, AfterValidator(_installed)] = Field(default_factory=_has_riva)
    """Whether clients of NVIDIA Riva are served on the same port."""
    riva_max_message_bytes: int = Field(64 * 1024 * 1024, ge=64 * 1024, le=256 * 1024 * 1024)
    """The largest message accepted while they are: an offline recognition has its whole file in one, half an hour of
    16 kHz PCM."""
    web_listen: Annotated[Address | None, AfterValidator(_has_web)] = None
    """Where clients of OpenAI's audio API are served, by HTTP; without it nobody is. There is no encryption and no key:
    put a proxy before it that has both."""
    web_max_upload_bytes: int = Field(64 * 1024 * 1024, ge=64 * 1024, le=2 * 1024 * 1024 * 1024)
    """The largest file accepted there: half an hour of 16 kHz PCM, four hours of Opus at 32 kbit/s. As many as
    sessions may run can be here at a time, each beyond 1 MiB in the folder for temporary files."""

    @property
    def process_count(self) -> int:
        """How many processes share the port."""
        return self.processes

    @property
    def receive_limit_bytes(self) -> int:
        """The larger of both: a server has one for all methods, and our own protocol checks its audio itself."""
        return max(self.max_message_bytes, self.riva_max_message_bytes if self.riva else 0)
