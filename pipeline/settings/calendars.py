"""A folder of calendar files, looked at whole: every fault of every file, not only the first."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from pipeline.domain.calendar import Calendar
from pipeline.domain.calendar_checks import faults
from pipeline.domain.calendar_files import CalendarFile
from pipeline.errors import SettingsError
from pipeline.settings.faults import sentences
from pipeline.settings.files import toml


def read_files(folder: Path) -> tuple[dict[Path, CalendarFile], list[str]]:
    """Return the calendar files of a folder, and what is wrong with those that cannot be read."""
    found: dict[Path, CalendarFile] = {}
    wrong = []
    for path in sorted(folder.glob("*.toml")):
        try:
            found[path] = CalendarFile.model_validate(toml(path))
        except ValidationError as error:
            wrong += [f"{path}: {fault}" for fault in sentences(error)]
        except SettingsError as error:
            wrong.append(str(error))
    return found, wrong


def check_files(files: dict[Path, CalendarFile], folder: Path) -> tuple[Calendar | None, list[str]]:
    """Return the calendar that files make, unless they contradict one another, and what is wrong with them."""
    wrong = [f"{folder}: {fault}" for fault in faults(files.values())]
    try:
        return Calendar.build(list(files.values())), wrong
    except ValueError as error:
        return None, [*wrong, f"{folder}: {error}"]


def check_calendar(folder: Path) -> tuple[Calendar | None, list[str]]:
    """Return the calendar of a folder, where it makes one, and all that is wrong with it."""
    files, unread = read_files(folder)
    if not files and not unread:
        return None, [f"{folder}: must be a folder of .toml files with the holidays; it has none."]
    if unread:
        return None, unread  # what lacks then only follows from it
    return check_files(files, folder)
