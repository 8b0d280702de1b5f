"""Beginning anew: what a home holds is thrown away, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from pipeline.cli.session import database_file
from pipeline.embedded import home
from pipeline.errors import HomeError
from pipeline.settings import ADDRESSES, Settings

# Everything that is ever made in a home; a folder given by mistake loses nothing else.
FOLDERS: Final = ("valkey", "mail", "logos", "log")
FILES: Final = ("pipeline.db", "pipeline.db-wal", "pipeline.db-shm", "web.address", ADDRESSES)


def clear(found: Settings) -> None:
    """Remove what this home holds.

    Raises:
        HomeError: something runs in it, or its database or Redis is elsewhere.
    """
    if database_file(found) != found.home / FILES[0] or found.redis_url is not None:
        raise HomeError("Only a home with its own database and Valkey can begin anew; this one uses others.")
    with home.claimed(found.home) as ours:
        if not ours:
            raise HomeError(f"Something runs in {found.home}; end it before beginning anew.")
        home.end_orphans(found.home)
        _remove(found.home)


def _remove(folder: Path) -> None:
    for name in FILES:
        (folder / name).unlink(missing_ok=True)
    for name in FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)
