"""When a process was born: with its number, the only thing that tells it from a later one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_GONE: Final = ("Z", "X")  # states of a process that has ended and is only not forgotten yet


def born(pid: int) -> str | None:
    """Return what names the birth of the process that runs as ``pid``; None when there is none."""
    return _by_proc(pid) if (_PROC / "self" / "stat").exists() else _by_ps(pid)


def _by_proc(pid: int) -> str | None:
    try:
        stat = (_PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace")
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    after_name = stat.rpartition(")")[2].split()  # the name itself may hold brackets and spaces
    state, ticks = after_name[0], after_name[19]
    return None if state in _GONE else f"{boot} {ticks}"


def _by_ps(pid: int) -> str | None:
    command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    environ = {**os.environ, "LC_ALL": "C"}  # a moment is written in the language of whoever asks
    said = subprocess.run(command, capture_output=True, text=True, check=False, env=environ).stdout
    state, _, moment = said.strip().partition(" ")
    return moment.strip() or None if not state.startswith(_GONE) else None
