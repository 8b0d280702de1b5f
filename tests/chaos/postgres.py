"""A PostgreSQL of our own that can be killed: its files outlive it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from tests.chaos.programs import Program
from tests.postgres import binaries, run, unprivileged


@dataclass(frozen=True)
class Cluster:
    """Where it keeps its files, and at which address it answers while it runs."""

    program: Program
    url: str


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Make an empty database; what it holds goes away with the block."""
    folder = Path(tempfile.mkdtemp(prefix="vs-pg-"))  # short: the socket's path is limited to about 100 bytes
    folder.chmod(0o755)
    try:
        programs = binaries(folder)
        user = unprivileged(folder)
        data = folder / "data"
        how = ["-A", "trust", "-U", "pipeline", "--locale=C", "-E", "UTF8"]
        run([programs / "initdb", "-D", data, *how], user)
        url = f"postgresql+psycopg://pipeline@/postgres?host={folder}"
        command = [str(programs / "postgres"), "-D", str(data), "-k", str(folder), "-c", "listen_addresses="]
        yield Cluster(Program("postgresql", command, os.environ, lambda pid: answers(url), user), url)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def answers(url: str) -> bool:
    """Say whether a server has recovered and takes connections there."""
    engine = create_engine(url)
    try:
        with engine.connect():
            return True
    except OperationalError:
        return False
    finally:
        engine.dispose()
