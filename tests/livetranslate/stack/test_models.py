import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from livetranslate.stack.models import MissingModel, find_models, memory_mib, render_models
from livetranslate.stack.process import StackError
from livetranslate.weights import Weights, describe_file, read_weights, write_weights

ROOT = Path(__file__).parents[3]
CONFIG = """
backend: "python"
instance_group [ { count: 1 kind: KIND_CPU } ]
parameters { key: "profile" value { string_value: "embedded cpu" } }
parameters { key: "instances" value { string_value: "per_core" } }
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository of one model."""
    version = tmp_path / "repository" / "mt_some" / "1"
    version.mkdir(parents=True)
    (version / "model.py").touch()
    (version.parent / "config.pbtxt").write_text(CONFIG)
    return tmp_path / "repository"


def describe_with(repository: Path, program: str) -> None:
    (repository / "mt_some" / "describe.py").write_text(program)


def rendered_config(target: Path, name: str = "mt_some") -> "model_config_pb2.ModelConfig":
    config = model_config_pb2.ModelConfig()
    text_format.Parse((target / name / "config.pbtxt").read_text(), config)
    return config


@pytest.mark.parametrize(("profile", "names"), [("cpu", ["mt_some"]), ("embedded", ["mt_some"]), ("gpu", [])])
def test_models_are_found_by_profile(repository: Path, profile: str, names: list[str]) -> None:
    """A model may belong to several profiles."""
    assert [model.name for model in find_models(repository, profile)] == names


def test_the_project_has_a_model_for_each_task() -> None:
    """The embedded engines and those that cost nothing are complete sets."""
    embedded = find_models(ROOT / "model_repository", "embedded")
    assert [model.name for model in embedded] == ["asr_pocketsphinx", "mt_apertium", "mt_llm", "tts_espeak"]
    null = find_models(ROOT / "bench" / "models", "null")
    assert [model.name for model in null] == ["asr_null", "mt_null", "tts_null"]


def test_a_rendered_model_is_the_same_code(repository: Path, tmp_path: Path) -> None:
    """The version folder is that of the repository, not a copy."""
    rendered = render_models(find_models(repository, "cpu"), tmp_path / "out", instances=3)
    assert rendered.names == ("mt_some",)
    assert (tmp_path / "out" / "mt_some" / "1").resolve() == repository / "mt_some" / "1"
    assert rendered_config(tmp_path / "out").instance_group[0].count == 3


def test_per_core_means_the_cores_that_may_be_used(repository: Path, tmp_path: Path) -> None:
    """Without a number there is one process for each."""
    render_models(find_models(repository, "cpu"), tmp_path / "out", instances=0)
    assert rendered_config(tmp_path / "out").instance_group[0].count == len(os.sched_getaffinity(0))


def test_what_a_model_says_of_itself_is_added(repository: Path, tmp_path: Path) -> None:
    """The parameters printed by `describe.py` are in the rendered configuration."""
    describe_with(repository, """print('{"parameters": {"languages": "en es"}, "missing": null}')""")
    render_models(find_models(repository, "cpu"), tmp_path / "out", instances=1)
    assert rendered_config(tmp_path / "out").parameters["languages"].string_value == "en es"


def test_a_model_that_misses_something_is_left_out(repository: Path, tmp_path: Path) -> None:
    """What to install is reported; the others are served."""
    describe_with(repository, """print('{"parameters": {}, "missing": "apt-get install it"}')""")
    rendered = render_models(find_models(repository, "cpu"), tmp_path / "out", instances=1)
    assert rendered.names == ()
    assert rendered.left_out == (MissingModel("mt_some", "apt-get install it"),)


def test_a_describe_that_fails_is_named(repository: Path, tmp_path: Path) -> None:
    """The error says which file, and why."""
    describe_with(repository, "raise SystemExit('no luck')")
    with pytest.raises(StackError, match=r"(?s)mt_some/describe\.py.*no luck"):
        render_models(find_models(repository, "cpu"), tmp_path / "out", instances=1)


@pytest.mark.parametrize("printed", ["nonsense", "[]", "{}", '{"parameters": {"rank": 1}, "missing": null}'])
def test_a_describe_that_prints_something_else_is_named(repository: Path, tmp_path: Path, printed: str) -> None:
    """The error says which file."""
    describe_with(repository, f"print({printed!r})")
    with pytest.raises(StackError, match=r"mt_some/describe\.py does not print what it should"):
        render_models(find_models(repository, "cpu"), tmp_path / "out", instances=1)


def test_a_describe_that_does_not_end_is_named(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not waited for for ever."""
    monkeypatch.setattr("livetranslate.stack.models.DESCRIBE_TIMEOUT_SECONDS", 0.1)
    describe_with(repository, "import signal; signal.pause()")
    with pytest.raises(StackError, match=r"mt_some/describe\.py takes more than 0.1 s"):
        render_models(find_models(repository, "cpu"), tmp_path / "out", instances=1)


def test_a_broken_configuration_is_named(repository: Path) -> None:
    """The error says which file."""
    (repository / "mt_some" / "config.pbtxt").write_text("nonsense {")
    with pytest.raises(StackError, match=r"mt_some/config\.pbtxt"):
        find_models(repository, "cpu")


@pytest.fixture
def models_folder(repository: Path, tmp_path: Path) -> Path:
    """Two sets of weights for the engine, which asks for some; one of them is for another profile."""
    config = (
        CONFIG.replace("embedded cpu", "cpu gpu") + 'parameters { key: "weights" value { string_value: "required" } }'
    )
    (repository / "mt_some" / "config.pbtxt").write_text(config)
    for name, profiles in (("opus-en-es", ("cpu", "gpu")), ("opus-en-de", ("gpu",))):
        folder = tmp_path / "models" / name
        folder.mkdir(parents=True)
        (folder / "model.bin").write_text(name)
        write_weights(
            Weights(
                name=name,
                engine="mt_some",
                profiles=profiles,
                license="Apache-2.0",
                memory_mib={"cpu": 100},
                parameters={"language_pairs": name.removeprefix("opus-")},
                files={"model.bin": describe_file(folder / "model.bin")},
                folder=folder,
            )
        )
    return tmp_path / "models"


def test_an_engine_becomes_a_model_for_each_weights(repository: Path, models_folder: Path, tmp_path: Path) -> None:
    """Each has the weights' own parameters, and the folder."""
    rendered = render_models(find_models(repository, "gpu", models_folder), tmp_path / "out", instances=1)
    assert rendered.names == ("mt_opus_en_de", "mt_opus_en_es")
    config = rendered_config(tmp_path / "out", "mt_opus_en_de")
    assert config.name == "mt_opus_en_de"
    assert config.parameters["language_pairs"].string_value == "en-de"
    assert config.parameters["license"].string_value == "Apache-2.0"
    assert config.parameters["weights"].string_value == str(models_folder / "opus-en-de")
    assert config.instance_group[0].kind == model_config_pb2.ModelInstanceGroup.KIND_GPU


def test_an_engine_is_asked_once(repository: Path, models_folder: Path, tmp_path: Path) -> None:
    """However many weights it has."""
    asked = tmp_path / "asked"
    describe_with(
        repository, f"open({str(asked)!r}, 'a').write('once ')\nprint('{{\"parameters\": {{}}, \"missing\": null}}')"
    )
    render_models(find_models(repository, "gpu", models_folder), tmp_path / "out", instances=1)
    assert asked.read_text() == "once "


def test_parameters_of_weights_lead_to_no_other_folder(repository: Path, models_folder: Path, tmp_path: Path) -> None:
    """Where they are, and under which license, is known without them."""
    folder = models_folder / "opus-en-de"
    lying = {"weights": "/etc", "license": "none", "language_pairs": "x"}
    write_weights(replace(read_weights(folder), parameters=lying))
    render_models(find_models(repository, "gpu", models_folder), tmp_path / "out", instances=1)
    parameters = rendered_config(tmp_path / "out", "mt_opus_en_de").parameters
    found = {key: parameters[key].string_value for key in ("weights", "license", "language_pairs")}
    assert found == {"weights": str(folder), "license": "Apache-2.0", "language_pairs": "x"}


def test_weights_belong_to_profiles(repository: Path, models_folder: Path, tmp_path: Path) -> None:
    """In each they take the memory that they say."""
    rendered = render_models(find_models(repository, "cpu", models_folder), tmp_path / "out", instances=1)
    assert rendered.names == ("mt_opus_en_es",)
    config = rendered_config(tmp_path / "out", "mt_opus_en_es")
    assert config.parameters["memory_mib"].string_value == "100"
    assert config.instance_group[0].kind == model_config_pb2.ModelInstanceGroup.KIND_CPU


def test_memory_is_what_models_say(repository: Path, models_folder: Path) -> None:
    """The weights first, then the engine; nothing where neither does."""
    assert memory_mib(find_models(repository, "gpu", models_folder)) == {"mt_opus_en_de": 0, "mt_opus_en_es": 0}
    with (repository / "mt_some" / "config.pbtxt").open("a") as config:
        config.write('parameters { key: "memory_mib" value { string_value: "70" } }')
    assert memory_mib(find_models(repository, "gpu", models_folder)) == {"mt_opus_en_de": 70, "mt_opus_en_es": 70}
    assert memory_mib(find_models(repository, "cpu", models_folder)) == {"mt_opus_en_es": 100}


def test_an_engine_without_weights_is_left_out(repository: Path, models_folder: Path, tmp_path: Path) -> None:
    """With the command that installs some."""
    shutil.rmtree(models_folder)
    rendered = render_models(find_models(repository, "cpu", models_folder), tmp_path / "out", instances=1)
    missing = "no weights for it are installed: livetranslate models pull --profile cpu"
    assert rendered.left_out == (MissingModel("mt_some", missing),)


def test_damaged_weights_are_left_out(repository: Path, models_folder: Path, tmp_path: Path) -> None:
    """With the command that mends them."""
    (models_folder / "opus-en-es" / "model.bin").write_text("opus-en-ex")
    rendered = render_models(find_models(repository, "cpu", models_folder), tmp_path / "out", instances=1)
    assert rendered.names == ()
    assert "was changed" in rendered.left_out[0].missing
    assert "livetranslate models pull --force opus-en-es" in rendered.left_out[0].missing


def test_a_broken_description_of_weights_is_named(repository: Path, models_folder: Path) -> None:
    """The error says which file."""
    (models_folder / "opus-en-es" / "weights.json").write_text("nonsense")
    with pytest.raises(StackError, match=r"weights\.json"):
        find_models(repository, "cpu", models_folder)


def test_two_weights_are_not_one_model(repository: Path, models_folder: Path) -> None:
    """Names that differ in characters alone that no model's name has."""
    twin = models_folder / "opus-en.es"
    shutil.copytree(models_folder / "opus-en-es", twin)
    described = (twin / "weights.json").read_text()
    (twin / "weights.json").write_text(described.replace('"opus-en-es"', '"opus-en.es"'))
    with pytest.raises(StackError, match=r"opus-en-es and opus-en\.es would be one model, mt_opus_en_es\. Rename one"):
        find_models(repository, "cpu", models_folder)


def test_ranks_can_be_changed(repository: Path, models_folder: Path, tmp_path: Path) -> None:
    """For all models of an engine, or for one."""
    ranks = {"mt_some": 5, "mt_opus_en_de": 1}
    render_models(find_models(repository, "gpu", models_folder), tmp_path / "out", instances=1, ranks=ranks)
    configs = [rendered_config(tmp_path / "out", name) for name in ("mt_opus_en_de", "mt_opus_en_es")]
    assert [config.parameters["rank"].string_value for config in configs] == ["1", "5"]


def test_an_optional_engine_is_left_out_as_such(repository: Path, models_folder: Path, tmp_path: Path) -> None:
    """No profile brings its weights."""
    shutil.rmtree(models_folder)
    with (repository / "mt_some" / "config.pbtxt").open("a") as config:
        config.write('parameters { key: "optional" value { string_value: "yes" } }')
    rendered = render_models(find_models(repository, "cpu", models_folder), tmp_path / "out", instances=1)
    assert rendered.left_out[0].is_optional
    assert rendered.left_out[0].missing.endswith("livetranslate models pull NAME")
