"""Apache Kafka's jars: resolved once by Maven into the cache folder, shared by every process that finds it.

In: a cache folder. Out: the folder of jars. Raises Misconfigured where Java or Maven is missing,
Transient where Maven fails, with Maven's own words.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from runtime.errors import Misconfigured, Transient

KAFKA_VERSION = "4.1.1"
POM = Path(__file__).with_name("pom.xml")
_JAVA_MIN = 17
_RESOLVE_SECONDS = 600


def java() -> str:
    """Path of the Java to use: JAVA_HOME's, else the PATH's; empty if there is none."""
    home = os.environ.get("JAVA_HOME", "")
    if home and os.access(Path(home) / "bin" / "java", os.X_OK):
        return str(Path(home) / "bin" / "java")
    return shutil.which("java") or ""


def java_major() -> int:
    """Major version of that Java; 0 if there is none or it does not say."""
    if not java():
        return 0
    said = subprocess.run([java(), "-version"], capture_output=True, text=True, timeout=30, check=False)
    found = re.search(r'version "(?:1\.)?(\d+)', said.stderr + said.stdout)
    return int(found[1]) if found else 0


def missing(cache: Path) -> str:
    """What keeps a real Kafka from starting here, in words; empty if nothing does."""
    if java_major() < _JAVA_MIN:
        return f"no Java {_JAVA_MIN} or later"
    if not _folder(cache).is_dir() and not shutil.which("mvn"):
        return "no Maven to resolve Kafka's jars"
    return ""


def jars(cache: Path) -> Path:
    """The folder with Kafka's jars, resolved now if it is not there yet (about 10 s, once)."""
    lack = missing(cache)
    if lack:
        raise Misconfigured(f"real Kafka cannot start: {lack}")
    done = _folder(cache)
    if done.is_dir():
        return done
    cache.mkdir(parents=True, exist_ok=True)
    # Two test processes may come here at once: one resolves, the other waits and finds the folder.
    with (cache / "kafka.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.is_dir():
            _resolve(cache, done)
    return done


def _folder(cache: Path) -> Path:
    return cache / f"kafka-{KAFKA_VERSION}"


def _resolve(cache: Path, done: Path) -> None:
    """Let Maven copy the jars beside the final place, then rename: a folder that is there is whole."""
    with tempfile.TemporaryDirectory(dir=cache) as work:
        shutil.copy(POM, work)
        command = [
            "mvn", "--batch-mode", "--no-transfer-progress", "dependency:copy-dependencies",
            "-DincludeScope=runtime", "-DoutputDirectory=lib",
        ]  # fmt: skip
        said = subprocess.run(
            command, cwd=work, capture_output=True, text=True, timeout=_RESOLVE_SECONDS, check=False
        )
        (cache / "kafka-resolve.log").write_text(said.stdout + said.stderr)
        if said.returncode != 0:
            tail = "\n".join((said.stdout + said.stderr).splitlines()[-15:])
            raise Transient(f"Maven could not resolve Kafka {KAFKA_VERSION}:\n{tail}")
        (Path(work) / "lib").rename(done)
