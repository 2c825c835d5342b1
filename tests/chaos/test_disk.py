from pathlib import Path

import pytest

from tests.chaos.disk import mounted_disk


def test_a_full_disk_takes_nothing_until_it_is_freed(tmp_path: Path) -> None:
    """Writing fails as on any full disk, and works again afterwards; the disk is gone at the end."""
    with mounted_disk(tmp_path / "disk") as disk:
        if not disk.can_be_full:
            pytest.skip("mounting a file system takes root")
        disk.fill()
        with pytest.raises(OSError, match="No space left on device"):
            (disk.folder / "spill").write_bytes(b"words")
        disk.free()
        (disk.folder / "spill").write_bytes(b"words")
    assert not (tmp_path / "disk").is_mount()
