"""The databases the board's store is tested on: SQLite in a folder, and a PostgreSQL of the session's own.

In: nothing. Out: where to connect. The cluster listens on a socket in its own folder alone; it is started
as another user where the tests run as root, which PostgreSQL refuses.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql")
USER = "homeward"


def programs() -> Path | None:
    """The folder with PostgreSQL's own programs: Debian keeps them off the path."""
    there = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = str(there[-1]) if there else shutil.which("initdb")
    return Path(found).parent if found else None


def lack() -> str:
    """Why there is no PostgreSQL here; empty: there is."""
    if programs() is None:
        return "no PostgreSQL: apt-get install postgresql"
    if os.geteuid() == 0 and _other() is None:
        return "PostgreSQL does not run as root, and there is no user postgres"
    return ""


@contextmanager
def postgres() -> Iterator[Path]:
    """The folder of a running cluster's socket; stopped and gone at the end."""
    found = programs()
    assert found is not None
    folder = Path(tempfile.mkdtemp(prefix="homeward-postgres-"))
    try:
        if (other := _other()) is not None and os.geteuid() == 0:
            os.chown(folder, other.pw_uid, other.pw_gid)
        _run(
            found / "initdb", "-D", folder / "cluster", "-U", USER, "--auth=trust", "--no-sync", folder=folder
        )
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        log = folder / "log"
        _run(
            found / "pg_ctl", "-D", folder / "cluster", "-l", log, "-t", "120", "-w", "-o", options, "start",
            folder=folder,
        )  # fmt: skip
        try:
            yield folder
        finally:
            _run(found / "pg_ctl", "-D", folder / "cluster", "-m", "immediate", "stop", folder=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_database(folder: Path, name: str) -> str:
    """A new database of the cluster: its URL."""
    found = programs()
    assert found is not None
    _run(found / "createdb", "-h", folder, "-U", USER, name, folder=folder)
    return f"postgresql://{USER}@/{name}?host={folder}"


def _other() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return None


def _run(*command: str | Path, folder: Path) -> None:
    other = _other()
    as_other = {"user": other.pw_uid, "group": other.pw_gid} if other and os.geteuid() == 0 else {}
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, timeout=240, **as_other,  # type: ignore[arg-type]
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
