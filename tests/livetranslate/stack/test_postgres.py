"""The embedded PostgreSQL, started and stopped for real."""

import os
import signal
import stat
from pathlib import Path

import asyncpg
import pytest

from livetranslate.stack import postgres_user
from livetranslate.stack.postgres import Postgres
from livetranslate.stack.process import StackError


async def execute(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for all tests, each of which starts and stops a server on it."""
    return tmp_path_factory.mktemp("postgres") / "data"


async def test_data_outlives_the_server(folder: Path) -> None:
    """What was committed is there after a stop and a start, and a stopped server is gone."""
    server = Postgres.start(folder)
    await execute(server.url, "CREATE TABLE kept AS SELECT 42 AS answer")
    server.stop()
    server.stop()
    assert server.poll() == 0
    server = Postgres.start(folder)
    assert await execute(server.url, "SELECT answer FROM kept") == 42
    server.stop()


async def test_a_killed_server_is_started_again(folder: Path) -> None:
    """The note that a killed server leaves behind does not stand in the way, and what it committed is there."""
    server = Postgres.start(folder)
    await execute(server.url, "CREATE TABLE killed AS SELECT 42 AS answer")
    os.kill(server.pid, signal.SIGKILL)
    server.stop()
    assert (folder / "postmaster.pid").exists()
    server = Postgres.start(folder)
    assert await execute(server.url, "SELECT answer FROM killed") == 42
    server.stop()


def test_a_note_whose_process_id_came_back_is_overlooked(folder: Path) -> None:
    """A note that names a living process of another program does not stand in the way."""
    server = Postgres.start(folder)
    os.kill(server.pid, signal.SIGKILL)
    server.stop()
    note = folder / "postmaster.pid"
    note.write_text(note.read_text().replace(str(server.pid), str(os.getpid()), 1))
    Postgres.start(folder).stop()


def test_a_folder_in_use_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second server on a living one's folder is an error that names the folder; the first goes on."""
    monkeypatch.setattr("livetranslate.stack.postgres._FOLDER_TIMEOUT_SECONDS", 0.1)
    server = Postgres.start(folder)
    with pytest.raises(StackError, match="is in use"):
        Postgres.start(folder, folder.with_name("second.log"))
    assert server.poll() is None
    server.stop()


async def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    """A folder whose path is too long for a socket works, and its socket's folder goes with the server."""
    folder = tmp_path / ("long" * 30) / "data"
    folder.parent.mkdir()
    server = Postgres.start(folder)
    assert await execute(server.url, "SELECT 1") == 1
    server.stop()
    assert not server.socket_folder.exists()


def test_only_the_owner_may_connect(folder: Path) -> None:
    """The data and the socket lie in a folder closed to others, and no port is open."""
    server = Postgres.start(folder)
    assert stat.S_IMODE(server.folder.stat().st_mode) == 0o700
    listening = (server.folder / "postmaster.pid").read_text().splitlines()[5]
    assert listening.strip() == ""
    server.stop()


def test_a_broken_folder_is_a_clear_error(tmp_path: Path) -> None:
    """A folder that is no database is refused with the server's own words."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("9")
    with pytest.raises(StackError, match="PostgreSQL did not start"):
        Postgres.start(tmp_path / "data")


@pytest.mark.skipif(not postgres_user.needs_user(), reason="only root needs another user")
def test_a_way_that_was_closed_is_opened_again(tmp_path: Path) -> None:
    """As root, a server starts though a folder above its data was closed since the last time."""
    (tmp_path / "way").mkdir()
    Postgres.start(tmp_path / "way" / "data").stop()
    (tmp_path / "way").chmod(0o700)
    Postgres.start(tmp_path / "way" / "data").stop()


@pytest.mark.skipif(not postgres_user.needs_user(), reason="only root needs another user")
def test_a_home_folder_stays_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As root, data below a private home is refused, and the home's mode is as before."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(home))
    with pytest.raises(StackError, match="private home folder"):
        Postgres.start(home / "data")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


@pytest.mark.skipif(not postgres_user.needs_user(), reason="only root needs another user")
def test_programs_out_of_reach_are_copied(tmp_path: Path) -> None:
    """As root, programs below a closed folder are copied with their libraries to where the user can run them."""
    package = tmp_path / "closed" / "package"
    (package / "install" / "bin").mkdir(parents=True)
    (package / "install" / "bin" / "postgres").write_text("program")
    libraries = tmp_path / "closed" / "package.libs"
    libraries.mkdir()
    (tmp_path / "closed").chmod(0o700)
    copies = tmp_path / "copies"
    copy = postgres_user.reachable_copy(package / "install", libraries, copies)
    assert copy == copies / "package" / "install"
    assert (copy / "bin" / "postgres").read_text() == "program"
    assert (copies / "package.libs").is_dir()
    assert postgres_user.reachable_copy(package / "install", libraries, copies) == copy
