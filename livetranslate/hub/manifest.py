"""What `livetranslate models pull` offers: `model_repository/manifest.toml`, whose head says what its keys mean."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from livetranslate.weights import DESCRIPTION, is_name, is_path_within

MANIFEST: Final = "manifest.toml"
SOURCE: Final = "source.json"
COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_OWN_FILES: Final = (DESCRIPTION, SOURCE)


class ManifestError(Exception):
    """The manifest cannot be used, or does not offer what is asked for; the message says what to do."""


def _checked_path(name: str) -> str:
    if not is_path_within(name) or name in _OWN_FILES:
        raise ValueError(f"{name!r} must be a path within the weights' folder, and none of {', '.join(_OWN_FILES)}")
    return name


FilePath = Annotated[str, AfterValidator(_checked_path)]


class Pin(BaseModel):
    """A file as it has to be; without a digest it is checked against what the hub says of the revision."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str = Field("", pattern="^([0-9a-f]{64})?$")
    size_bytes: int = Field(0, ge=0)

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if bool(self.sha256) != bool(self.size_bytes):
            raise ValueError("sha256 and size_bytes come together")
        return self


class Offer(BaseModel):
    """Weights that can be pulled.

    Attributes:
        name: What they are called, and their folder when installed; filled in by `read_manifest`.
        engine: The folder in `model_repository/` that runs them.
        repo: Where they are on the hub, `owner/name`.
        revision: A commit; or a branch, whose commit is looked up at the first pull and kept.
        folder: Where in the repository the files are; empty: at its top.
        profiles: The profiles that serve them.
        default_for: The profiles whose set they belong to: what `pull --profile` pulls.
        license: SPDX expression.
        commercial_use: Whether the licences let one use them commercially.
        attribution: Whom to credit, and where from.
        note: What else to know before using them.
        size_mib: About how much there is to download, where not all files have a size.
        memory_mib: About what the loaded model takes, by profile.
        parameters: What is added to the engine's parameters.
        files: All files by path within the weights' folder.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = ""
    engine: str = Field(pattern="^(asr|mt|tts)_[a-z0-9_]+$")
    repo: str = Field(pattern="^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$")
    revision: str = Field(pattern="^[A-Za-z0-9._-]+$")
    folder: str = ""
    profiles: tuple[str, ...] = Field(min_length=1)
    default_for: tuple[str, ...] = ()
    license: str = Field(min_length=1)
    commercial_use: Literal["yes", "no", "unclear"]
    attribution: str = Field(min_length=1)
    note: str = ""
    size_mib: int = 0
    memory_mib: Mapping[str, int]
    parameters: Mapping[str, str] = Field(default_factory=dict)
    files: Mapping[FilePath, Pin] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not set(self.default_for) <= set(self.profiles):
            raise ValueError("default_for has a profile that profiles has not")
        if self.default_for and self.commercial_use != "yes":
            raise ValueError("what may not be used commercially belongs to no set")
        if not self.size_mib and not all(pin.size_bytes for pin in self.files.values()):
            raise ValueError("size_mib is needed where files have no size_bytes")
        return self

    @property
    def download_mib(self) -> int:
        """About how much there is to download."""
        return self.size_mib or sum(pin.size_bytes for pin in self.files.values()) // 2**20

    @property
    def is_at_a_commit(self) -> bool:
        """Whether the revision can never mean anything else."""
        return bool(COMMIT.fullmatch(self.revision))

    @property
    def is_pinned(self) -> bool:
        """Whether every byte is known before it is fetched."""
        return self.is_at_a_commit and all(pin.sha256 for pin in self.files.values())

    @property
    def speaks(self) -> str:
        """Its languages, or pairs of them."""
        return self.parameters.get("language_pairs") or self.parameters.get("languages", "")

    def remote(self, file: str) -> str:
        """A file's path in the repository."""
        return f"{self.folder}/{file}" if self.folder else file


_OFFERS: Final = TypeAdapter(dict[str, Offer])


def read_manifest(path: Path) -> dict[str, Offer]:
    """All offers by name, in the manifest's order.

    Raises:
        ManifestError: It is missing, or something in it is wrong.
    """
    try:
        offers = _OFFERS.validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ManifestError(f"{path} cannot be read ({error.strerror}). Set LIVETRANSLATE_MODEL_REPOSITORY.") from error
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(f"{path} is not TOML: {error}") from error
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise ManifestError("\n".join([f"{path} is wrong:", *lines])) from error
    if wrong := [name for name in offers if not is_name(name)]:
        raise ManifestError(f"{path} is wrong: {', '.join(wrong)} cannot be the name of a folder")
    return {name: offer.model_copy(update={"name": name}) for name, offer in offers.items()}


def select(offers: Mapping[str, Offer], names: Sequence[str], profile: str) -> list[Offer]:
    """The offers of these names, and those of a profile's set; each once.

    Raises:
        ManifestError: There is none of a name, or the profile has no set.
    """
    if unknown := [name for name in names if name not in offers]:
        raise ManifestError(f"There are no weights {', '.join(unknown)}. There are: {', '.join(offers)}.")
    chosen = [name for name, offer in offers.items() if profile and profile in offer.default_for]
    if profile and not chosen:
        sets = sorted({each for offer in offers.values() for each in offer.default_for})
        raise ManifestError(f"Profile {profile!r} has no set of weights. These have one: {', '.join(sets)}.")
    return [offers[name] for name in dict.fromkeys([*names, *chosen])]
