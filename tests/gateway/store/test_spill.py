"""The spill files on a real file system."""

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from gateway.store import frames
from gateway.store.frames import encode
from gateway.store.records import AudioRecord, Record
from gateway.store.spill import SpillFile, SpillFolder
from gateway.store.submission import Limits, Submission
from tests.gateway import examples

ALL = Limits(1 << 30, 1 << 40)


def submissions(count: int, first: int = 1, size: int = 2) -> list[Submission]:
    """Submissions of `size` records each, numbered from `first` on."""
    records: list[Record] = [examples.segment("talk", number, number) for number in range(first, first + count * size)]
    return [
        Submission(first + place + size - 1, 1, tuple(records[place : place + size]))
        for place in range(0, count * size, size)
    ]


@pytest.fixture
def folder(tmp_path: Path) -> SpillFolder:
    return SpillFolder(tmp_path / "spill")


def names(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "spill").iterdir())


@contextmanager
def only_orphan(folder: SpillFolder) -> Iterator[SpillFile]:
    [file] = folder.take_orphans()
    yield file
    file.close(remove=True)


def test_what_is_appended_is_read_in_order(folder: SpillFolder) -> None:
    """Submissions come back after any number, within the limits, also more than once."""
    file = folder.create()
    file.append(submissions(3))
    file.append(submissions(2, first=7))
    assert file.last_number == 10
    assert file.read(0, ALL) == submissions(5)
    assert file.read(0, Limits(4, 1 << 30)) == submissions(2)
    assert file.read(4, Limits(1, 1)) == submissions(1, first=5)
    assert file.read(4, ALL) == submissions(3, first=5)
    assert file.read(10, ALL) == []
    file.close(remove=True)


def test_appending_again_changes_nothing(folder: SpillFolder) -> None:
    """Of submissions that are in the file already only the new ones are added."""
    file = folder.create()
    file.append(submissions(3))
    file.append(submissions(5))
    assert file.read(0, ALL) == submissions(5)
    file.close(remove=True)


def test_what_was_stored_meanwhile_makes_room(folder: SpillFolder, tmp_path: Path) -> None:
    """Where submissions between were stored without the file, everything in it was, and it begins anew."""
    file = folder.create()
    file.append(submissions(2))
    file.append(submissions(2, first=9))
    assert file.read(8, ALL) == submissions(2, first=9)
    [path] = (tmp_path / "spill").iterdir()
    assert path.stat().st_size == sum(len(encode(each)) for each in submissions(2, first=9))
    file.close(remove=True)


def test_what_waits_in_a_file_has_a_size(folder: SpillFolder) -> None:
    """All of it, until a reader that comes again shows that what is before was stored, or it is emptied."""
    file = folder.create()
    file.append(submissions(5))
    assert file.waiting_bytes == sum(len(encode(each)) for each in submissions(5))
    file.read(0, ALL)
    file.read(4, Limits(1, 1))
    assert file.waiting_bytes == sum(len(encode(each)) for each in submissions(3, first=5))
    file.clear(10)
    assert file.waiting_bytes == 0
    file.close(remove=True)


def test_a_file_is_emptied_only_when_all_is_stored(folder: SpillFolder, tmp_path: Path) -> None:
    """Clearing up to a number keeps the file while there is more in it; afterwards it is used again."""
    file = folder.create()
    file.append(submissions(2))
    file.clear(2)
    assert file.read(2, ALL) == submissions(1, first=3)
    file.clear(4)
    [path] = (tmp_path / "spill").iterdir()
    assert path.stat().st_size == 0
    file.append(submissions(1, first=5))
    assert file.read(4, ALL) == submissions(1, first=5)
    file.close(remove=True)
    assert names(tmp_path) == []


def test_only_the_dead_are_robbed(folder: SpillFolder, tmp_path: Path) -> None:
    """A file in use is nobody else's; one that was left is taken once."""
    mine, left = folder.create(), folder.create()
    left.append(submissions(2))
    left.close(remove=False)
    [taken] = folder.take_orphans()
    assert list(folder.take_orphans()) == []
    assert taken.read(0, ALL) == submissions(2)
    assert taken.last_number == 4
    taken.close(remove=True)
    mine.close(remove=True)
    assert names(tmp_path) == []


def test_nobody_else_may_read_it(folder: SpillFolder, tmp_path: Path) -> None:
    """What people have said is for the gateway's user alone."""
    file = folder.create()
    [path] = (tmp_path / "spill").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    file.close(remove=True)


@pytest.mark.parametrize("mode", [0o701, 0o710, 0o720, 0o1777])
def test_a_folder_that_others_can_reach_into_is_refused(folder: SpillFolder, tmp_path: Path, mode: int) -> None:
    """Nothing is written to it or taken from it, and the error says what to do; put right, it is used."""
    path = tmp_path / "spill"
    path.mkdir()
    path.chmod(mode)
    (path / "planted.spill").write_bytes(encode(submissions(1)[0]))
    for use in (folder.create, lambda: list(folder.take_orphans())):
        with pytest.raises(PermissionError, match="chmod 700"):
            use()
    assert names(tmp_path) == ["planted.spill"]
    path.chmod(0o700)
    with only_orphan(folder) as file:
        assert file.read(0, ALL) == submissions(1)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_refused(folder: SpillFolder, tmp_path: Path) -> None:
    """Who was there first in a folder for temporary files does not get what people have said."""
    (tmp_path / "spill").mkdir(mode=0o700)
    os.chown(tmp_path / "spill", 65_534, 65_534)
    with pytest.raises(PermissionError, match="chown"):
        folder.create()


def test_no_link_is_followed(folder: SpillFolder, tmp_path: Path) -> None:
    """Neither in the place of the folder nor in that of a file."""
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "elsewhere" / "file").write_bytes(b"of another purpose")
    (tmp_path / "spill").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError):
        folder.create()
    (tmp_path / "spill").unlink()
    (tmp_path / "spill").mkdir(mode=0o700)
    (tmp_path / "spill" / "link.spill").symlink_to(tmp_path / "elsewhere" / "file")
    with pytest.raises(OSError, match="symbolic links"):
        list(folder.take_orphans())
    assert (tmp_path / "elsewhere" / "file").read_bytes() == b"of another purpose"


def test_no_folder_means_no_orphans(folder: SpillFolder) -> None:
    """Where nothing was ever spilled, nothing is found."""
    assert list(folder.take_orphans()) == []


def test_a_tail_torn_at_any_byte_is_cut_off(folder: SpillFolder, tmp_path: Path) -> None:
    """Wherever writing was interrupted, all before is read, the rest is cut off and logged, and nothing else is."""
    whole = [encode(each) for each in submissions(2)]
    content = b"".join(whole)
    (tmp_path / "spill").mkdir(mode=0o700)
    for size in range(len(content) + 1):
        (tmp_path / "spill" / "dead.spill").write_bytes(content[:size])
        count = 2 if size == len(content) else int(size >= len(whole[0]))
        with capture_logs() as logs, only_orphan(folder) as file:
            assert file.read(0, ALL) == submissions(count)
        surplus = size - sum(map(len, whole[:count]))
        assert [entry["size_bytes"] for entry in logs] == [surplus] * bool(surplus)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_behind_any_damage_nothing_is_believed(folder: SpillFolder, tmp_path: Path, data: st.DataObject) -> None:
    """After a flipped bit the submissions before it are read, and none of those behind."""
    encoded = [encode(each) for each in submissions(3, size=1)]
    content = bytearray(b"".join(encoded))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    (tmp_path / "spill").mkdir(exist_ok=True, mode=0o700)
    (tmp_path / "spill" / "dead.spill").write_bytes(content)
    intact = 0
    while place >= sum(map(len, encoded[: intact + 1])):
        intact += 1
    with only_orphan(folder) as file:
        assert file.read(0, ALL) == submissions(intact, size=1)


def test_behind_what_another_version_wrote_nothing_is_read(
    folder: SpillFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record of an unknown kind ends the reading, and is logged; the file itself is whole."""
    file = folder.create()
    file.append(submissions(3))
    kinds = dict(frames._KINDS)
    file.append([Submission(7, 1, (AudioRecord("talk", 0, b""),)), *submissions(1, first=8)])
    del kinds["AudioRecord"]
    monkeypatch.setattr(frames, "_KINDS", kinds)
    with capture_logs() as logs:
        assert file.read(0, ALL) == submissions(3)
    assert [entry["event"] for entry in logs] == ["a spill file is not of this version"]
    assert file.last_number == 9
    file.close(remove=True)


def test_a_full_file_takes_all_or_nothing(tmp_path: Path) -> None:
    """What does not fit leaves the file as it was, and later fits."""
    first, second, third = submissions(3)
    folder = SpillFolder(tmp_path / "spill", max_file_bytes=2 * len(encode(second)) + 10)
    file = folder.create()
    file.append([first])
    with pytest.raises(OSError, match="size") as caught:
        file.append([second, third])
    assert caught.value.errno == errno.ENOSPC
    assert file.read(0, ALL) == [first]
    file.append([second])
    file.clear(4)
    file.append([third])
    assert file.read(4, ALL) == [third]
    file.close(remove=True)


def test_a_full_disk_takes_all_or_nothing(folder: SpillFolder) -> None:
    """The same where the system refuses in the middle of a frame."""
    file = folder.create()
    file.append(submissions(2))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = sum(len(encode(each)) for each in submissions(3))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size - 100, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            file.append(submissions(2, first=5))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert file.read(0, ALL) == submissions(2)
    file.append(submissions(4))
    assert file.read(0, ALL) == submissions(4)
    file.close(remove=False)
    with only_orphan(folder) as left:
        assert left.read(0, ALL) == submissions(4)


WRITER = """
import sys
from pathlib import Path
from gateway.store.spill import SpillFolder
from tests.gateway.store.test_spill import submissions

file = SpillFolder(Path(sys.argv[1])).create()
for place in range(100_000):
    file.append(submissions(1, first=2 * place + 1))
    print(place + 1, flush=True)
"""


@pytest.mark.parametrize("count", [1, 7, 30])
def test_what_was_appended_survives_kill_9(folder: SpillFolder, tmp_path: Path, count: int) -> None:
    """Whatever a process had appended when it was killed is there, in order, and nothing but that."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "spill")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for _ in range(count):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    acknowledged = count + len(process.stdout.read().splitlines())
    process.wait()
    process.stdout.close()
    with only_orphan(folder) as file:
        found = file.read(0, ALL)
    assert found == submissions(len(found))
    assert acknowledged <= len(found) <= acknowledged + 1
