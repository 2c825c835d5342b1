"""The Dockerfiles, as far as they can be checked without building them."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from livetranslate.hub.manifest import MANIFEST, read_manifest, select
from livetranslate.stack.profiles import PROFILES
from livetranslate.stack.triton import Ports, TritonOptions, _command
from livetranslate.stack.triton_wheel import TritonWheel
from tests.k8s.parts import module_of
from tests.k8s.rendering import ROOT, overlay

SERVICES, TRITON = ROOT / "Dockerfile", ROOT / "docker" / "triton.Dockerfile"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK: dict[str, Any] = {
    package["name"]: package for package in tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
}

each_file = pytest.mark.parametrize("file", [SERVICES, TRITON], ids=["services", "triton"])


def instructions(file: Path) -> list[tuple[str, str]]:
    """What a Dockerfile says, a line each, without comments."""
    text = re.sub(r"^#.*\n", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines) if word]


def all_of(file: Path, word: str) -> list[str]:
    return [rest for instruction, rest in instructions(file) if instruction == word]


def copied(file: Path) -> set[str]:
    """The paths of the project that it copies."""
    sources = (rest.split()[:-1] for rest in all_of(file, "COPY") if not rest.startswith("--from"))
    return {source for each in sources for source in each}


@each_file
def test_what_is_copied_is_there(file: Path) -> None:
    """In the project, and in what is sent to the builder, which is nothing else."""
    assert all((ROOT / path).exists() for path in copied(file))
    everything, *sent = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n", 1)[1].split()
    assert everything == "*"
    assert {line[1:] for line in sent if line.startswith("!")} == copied(SERVICES) | copied(TRITON)


@each_file
def test_all_that_the_package_is_built_from_is_copied(file: Path) -> None:
    """Its folders, and the files that its description names."""
    project = PROJECT["project"]
    folders = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert {*folders, project["readme"], *project["license-files"], "pyproject.toml", "uv.lock"} <= copied(file)


@each_file
def test_extras_and_packages_have_these_names(file: Path) -> None:
    """In the project and in its lock file; whatever is left out is something that would come otherwise."""
    commands = " ".join(all_of(file, "RUN"))
    extras = set(re.findall(r"--extra ([\w-]+)", commands))
    assert extras <= set(PROJECT["project"]["optional-dependencies"])
    assert "server" in extras
    assert set(re.findall(r"--no-install-package ([\w-]+)", commands)) <= set(LOCK)


@each_file
def test_the_tool_that_installs_is_the_locked_one(file: Path) -> None:
    """The same version of uv as everywhere."""
    [image] = [rest for rest in all_of(file, "FROM") if rest.endswith(" AS uv")]
    [locked] = [each for each in PROJECT["dependency-groups"]["dev"] if each.startswith("uv==")]
    assert image == f"ghcr.io/astral-sh/uv:{locked.removeprefix('uv==')} AS uv"


@each_file
def test_every_image_has_a_version(file: Path) -> None:
    """None is the latest of whatever day it is."""
    for image in (rest.split()[0] for rest in all_of(file, "FROM")):
        assert re.search(r":v?\d[\w.-]+$", image), image


@each_file
def test_it_runs_as_the_user_that_pods_run_as(file: Path) -> None:
    """Not root."""
    users = {
        workload.pod["securityContext"]["runAsUser"]
        for name, workload in overlay("prod").workloads.items()
        if name != "collector"
    }
    assert users == {int(user) for user in all_of(file, "USER")}
    assert any(f"useradd --uid {user}" in command for user in users for command in all_of(file, "RUN"))


def test_the_command_is_a_service() -> None:
    """The gateway, where none is named."""
    [command] = all_of(SERVICES, "CMD")
    assert module_of(re.findall(r'"([^"]+)"', command)) == "gateway"


def test_the_image_serves_the_clients_of_riva() -> None:
    """The gateway has that door where the extra is installed."""
    installs = [command for command in all_of(SERVICES, "RUN") if "uv sync" in command]
    assert installs
    assert all("--extra riva" in command for command in installs)


def test_the_python_of_triton_is_the_one_of_its_packages() -> None:
    """What compiles them has the same version as the server's image, whose path the libraries lie under."""
    text = TRITON.read_text(encoding="utf-8")
    assert "UV_PYTHON=/usr/bin/python3.12" in text
    assert {"python3.12"} == set(re.findall(r"python3\.\d+", text))
    [build] = [rest for rest in all_of(TRITON, "FROM") if rest.endswith(" AS build")]
    assert build == "ubuntu:24.04 AS build"  # with Python 3.12, as has NVIDIA's image since 24.11


def test_the_libraries_of_cuda_are_those_that_the_extra_brings() -> None:
    """Each is found by the name of its folder, and none is forgotten."""
    [path] = [rest for rest in all_of(TRITON, "ENV") if rest.startswith("LD_LIBRARY_PATH=")]
    folders = set(re.findall(r"\$CUDA_PACKAGES/(\w+)/lib", path))
    [onnx] = PROJECT["project"]["optional-dependencies"]["gpu"]
    assert onnx.startswith("onnxruntime-gpu[cuda,cudnn]")
    brought = {
        dependency["name"]
        for extra in LOCK["onnxruntime-gpu"]["optional-dependencies"].values()
        for dependency in extra
        if dependency["name"].startswith("nvidia-")
    }
    brought |= {dependency["name"] for name in brought for dependency in LOCK[name].get("dependencies", ())}
    assert folders == {re.sub(r"^nvidia-|-cu12$", "", name).replace("-", "_") for name in brought}


def test_triton_gets_the_flags_that_it_has_everywhere() -> None:
    """Those of `livetranslate up`, but for addresses and folders."""
    script = (ROOT / "docker" / "serve-models").read_text(encoding="utf-8")
    wheel = TritonWheel(*(Path("/wheel"),) * 4)
    flags = _command(wheel, TritonOptions(model_repository=Path("/engines")), Path("/home"), Ports(1, 2, 3))
    its_own = ("--model-repository", "--backend-directory", "--grpc-address", "--grpc-port", "--http-", "--metrics-")
    expected = {flag for flag in flags[1:] if not flag.startswith(its_own)}
    assert expected
    assert set(re.findall(r"^  (--\S+) \\$", script, re.MULTILINE)) == expected | {"--model-repository=/models"}


def test_a_profile_has_weights_to_pull() -> None:
    """Every profile but `embedded`, which is the default and needs none; names are those of the profiles."""
    offers = read_manifest(ROOT / "model_repository" / MANIFEST)
    assert set(all_of(TRITON, "ARG")) == {"PROFILE=embedded", "HF_ENDPOINT=https://huggingface.co"}
    for profile in set(PROFILES) - {"embedded", "auto"}:
        assert select(offers, [], profile)
    [choice] = re.findall(r'case "\$PROFILE" in (.*?) esac', " ".join(all_of(TRITON, "RUN")))
    assert set(re.findall(r"(\w+)\) own=\"--extra", choice)) == {"gpu", "openvino"}


def test_the_script_is_a_program() -> None:
    """The image's command, and that of its pods."""
    script = ROOT / "docker" / "serve-models"
    assert script.stat().st_mode & 0o111
    assert all_of(TRITON, "CMD") == ['["serve-models"]']
    [triton] = overlay("prod").workloads["triton"].containers
    assert triton.command[0] == "serve-models"
