"""Instants in events: RFC 3339 with an offset, and the local day of receipt that follows."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")

_RFC_3339: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]"
    r"((?:[01][0-9]|2[0-3]):[0-5][0-9]):([0-5][0-9]|60)(?:\.([0-9]+))?"
    r"(?:([Zz])|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))"
)


def instant(text: str) -> datetime:
    """Return the moment that an RFC 3339 text names, in UTC, to the microsecond (the rest is cut off).

    A leap second is the first second of the next minute, as the clocks of computers have it.

    Raises:
        ValueError: no such text, no such day or time, or a year outside 1 to 9999 in UTC or Amsterdam.
    """
    match = _RFC_3339.fullmatch(text)
    if match is None:
        raise ValueError("not a date and time with an offset")
    day, minute, seconds, fraction, _, sign, hours, minutes = match.groups()
    leap = seconds == "60"
    whole = datetime.fromisoformat(f"{day}T{minute}:{'59' if leap else seconds}")
    offset = timedelta(hours=int(hours), minutes=int(minutes)) if sign else timedelta()
    return _in_utc(whole, -offset if sign == "-" else offset, leap, int((fraction or "0")[:6].ljust(6, "0")))


def _in_utc(local: datetime, offset: timedelta, leap: bool, microseconds: int) -> datetime:
    try:
        moment = local.replace(tzinfo=timezone(offset)).astimezone(UTC)
        if leap and (moment.hour, moment.minute) != (23, 59):
            raise ValueError("a leap second ends a day in UTC")
        moment += timedelta(seconds=int(leap), microseconds=microseconds)
        moment.astimezone(AMSTERDAM)
    except OverflowError as error:
        raise ValueError("a year outside 1 to 9999") from error
    return moment


def received_on(moment: datetime) -> date:
    """Return the day of receipt: the local date in Europe/Amsterdam of an aware ``moment``."""
    return moment.astimezone(AMSTERDAM).date()
