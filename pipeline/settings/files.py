"""The register's rules and holidays, read from TOML files."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline.domain.calendar import Calendar, CalendarFile
from pipeline.domain.policy import Policy
from pipeline.domain.regions import Regions
from pipeline.errors import SettingsError
from pipeline.settings.checks import absent_duties, contradictions
from pipeline.settings.faults import raise_all, sentences


def load_policy(path: Path) -> Policy:
    """Read and check the register's rules.

    Raises:
        SettingsError: names the file and every faulty key, one a line.
    """
    document = toml(path)
    faults = list(absent_duties(document))
    try:
        policy = Policy.model_validate(document, strict=True)
    except ValidationError as error:
        faults += sentences(error)
    else:
        faults += contradictions(policy)
    raise_all(f"{path}: {fault}" for fault in faults)
    return policy


def load_calendar(folder: Path) -> Calendar:
    """Read and check every ``*.toml`` in the folder.

    Raises:
        SettingsError: names the file and every faulty key, one a line.
    """
    documents = {path: toml(path) for path in sorted(folder.glob("*.toml"))}
    if not documents:
        raise SettingsError(f"{folder}: must be a folder of .toml files with the holidays; it has none.")
    files = _calendar_files(documents)
    try:
        return Calendar.build(files)
    except ValueError as error:
        raise SettingsError(f"{folder}: {error}") from None


def load_regions(path: Path) -> Regions:
    """Read and check which places lie in which region of the school holidays.

    Raises:
        SettingsError: names the file and every faulty key, one a line.
    """
    document = toml(path)
    try:
        return Regions.model_validate(document)
    except ValidationError as error:
        raise SettingsError("\n".join(f"{path}: {fault}" for fault in sentences(error))) from None


def _calendar_files(documents: Mapping[Path, dict[str, Any]]) -> list[CalendarFile]:
    files, faults = [], []
    for path, document in documents.items():
        try:
            files.append(CalendarFile.model_validate(document))
        except ValidationError as error:
            faults += [f"{path}: {fault}" for fault in sentences(error)]
    raise_all(faults)
    return files


def toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        SettingsError: it cannot be read, or is none.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}.") from None
    except ValueError as error:  # no TOML, or no UTF-8
        raise SettingsError(f"{path}: must be a TOML file: {error}.") from None
