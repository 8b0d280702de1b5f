"""What a relay's log says of letters: which of them it took, and when.

A file may be a list of Message-IDs, or the log itself. Postfix notes a Message-ID while the letter is
still coming in, so that it counts only once the queue has it (a line of another daemon about the same
queue id). Exim, and any other line, names a letter that was taken, unless it says that it was not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from pipeline.contract import AMSTERDAM

LONGEST_LINE: Final = 16_384  # bytes; what comes after is not looked at

_NAME: Final = re.compile(r"[!#-'*+\-./0-9?A-Z^-~]+@[!#-'*+\-./0-9?A-Z^-~]+")
_POSTFIX: Final = re.compile(r" postfix[\w/-]*/([\w-]+)\[\d+\]: ([0-9A-Za-z]{6,}): (.*)")
_ARRIVING: Final = ("cleanup", "smtpd")
_REFUSED: Final = re.compile(r"reject|discard|refused|denied", re.IGNORECASE)
_ISO: Final = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,]\d+)?\s?(Z|[+-]\d\d:?\d\d)?")
_SYSLOG: Final = re.compile(r"(?:<\d{1,3}>)?([A-Z][a-z]{2}) +(\d{1,2}) (\d\d:\d\d:\d\d) ")
_MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@dataclass
class Log:
    """What was read.

    Attributes:
        accepted: the letters that the relay took, by Message-ID, each with the moment if the log has it.
        named: Message-IDs that stand there without a sign that the letter was taken.
        begins_at: the first moment that the log tells; None where it tells none.
        ends_at: the last one, of those that do not lie ahead.
    """

    accepted: dict[str, datetime | None] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    begins_at: datetime | None = None
    ends_at: datetime | None = None


def read(lines: Iterable[bytes], wanted: Collection[str], now: datetime) -> Log:
    """Look for these Message-IDs, each in angle brackets, line by line.

    Args:
        now: the present moment; a line of syslog leaves out its year, and none lies ahead.
    """
    log, known = Log(), {one.strip("<>"): one for one in wanted}
    arriving: dict[str, str] = {}  # Message-IDs by Postfix's queue id
    for raw in lines:
        line = raw[:LONGEST_LINE].decode("utf-8", "replace")
        at = _moment(line, now)
        log.begins_at = log.begins_at or at
        if at is not None and at <= now:
            log.ends_at = max(log.ends_at or at, at)
        found = [known[name] for name in _NAME.findall(line) if name in known]
        _judge(log, line, found, at, arriving)
    log.named -= log.accepted.keys()
    return log


def _judge(log: Log, line: str, found: list[str], at: datetime | None, arriving: dict[str, str]) -> None:
    postfix = _POSTFIX.search(line)
    if postfix is None:
        if _REFUSED.search(line):
            log.named.update(found)
        else:
            log.accepted |= {one: at for one in found if one not in log.accepted}
        return
    daemon, queued, _ = postfix.groups()
    if daemon in _ARRIVING:
        log.named.update(found)
        arriving |= dict.fromkeys([queued], found[0]) if found else {}
    elif queued in arriving:
        log.accepted.setdefault(arriving.pop(queued), at)


def _moment(line: str, now: datetime) -> datetime | None:
    """Return the moment with which a line begins; without an offset it is a local one."""
    try:
        if iso := _ISO.match(line):
            day, clock, offset = iso.groups()
            moment = datetime.fromisoformat(f"{day}T{clock}{offset or ''}")
            return (moment if offset else moment.replace(tzinfo=AMSTERDAM)).astimezone(UTC)
        if syslog := _SYSLOG.match(line):
            return _of_syslog(syslog, now)
    except (ValueError, OverflowError):  # no such day
        pass
    return None


def _of_syslog(found: re.Match[str], now: datetime) -> datetime:
    month, day, clock = found.groups()
    year = now.astimezone(AMSTERDAM).year
    for candidate in (year, year - 1):
        text = f"{candidate}-{_MONTHS.index(month) + 1:02}-{int(day):02}T{clock}"
        moment = datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM).astimezone(UTC)
        if moment <= now + timedelta(days=1):
            return moment
    return moment
