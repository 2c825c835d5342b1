import os
import subprocess
import sys

from livetranslate.stack.ports import HOST, free_ports


def test_without_a_database_it_says_so() -> None:
    """A gateway that finds no database ends with status 1, and its only words are what to do."""
    url = f"postgresql://user:secret@{HOST}:{free_ports(1)[0]}/sessions"
    settings = {"LIVETRANSLATE_DATABASE_URL": url, "LIVETRANSLATE_GATEWAY_DATABASE_WAIT_SECONDS": "0.2"}
    argv = [sys.executable, "-m", "gateway"]
    run = subprocess.run(argv, env={**os.environ, **settings}, stderr=subprocess.PIPE, text=True, check=False)
    assert run.returncode == 1
    (line,) = run.stderr.splitlines()
    assert line.startswith(f"gateway: no PostgreSQL at {url.replace('user:secret@', '')}")
    assert "LIVETRANSLATE_DATABASE_URL" in line
