from pathlib import Path

from livetranslate.keeper.repository import read_repository
from tests.explicit_triton import NullModel, write_models


def test_reads_what_models_say_of_themselves(tmp_path: Path) -> None:
    """Sizes are in bytes; one that does not say, or says nonsense, counts as 0."""
    write_models({"mt_a": NullModel(memory_mib=3), "mt_b": NullModel(), "mt_c": NullModel(memory_mib=7)}, tmp_path)
    path = tmp_path / "mt_c" / "config.pbtxt"
    path.write_text(path.read_text().replace('"7"', '"some"'))
    sizes = {name: model.memory_bytes for name, model in read_repository(tmp_path).items()}
    assert sizes == {"mt_a": 3 * 1024 * 1024, "mt_b": 0, "mt_c": 0}


def test_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    """One broken description does not hide the others."""
    write_models({"mt_a": NullModel(), "mt_b": NullModel()}, tmp_path)
    (tmp_path / "mt_a" / "config.pbtxt").write_text("name: [")
    assert list(read_repository(tmp_path)) == ["mt_b"]
