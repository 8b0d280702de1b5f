"""The public holidays on which no term ends, by the Algemene termijnenwet, article 3."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

GOOD_FRIDAY: Final = "Goede vrijdag"
# The library has them; the law need not name them, since both are Sundays.
_SUNDAYS: Final = ("Eerste paasdag", "Eerste pinksterdag")


def recognised(year: int) -> Mapping[date, str]:
    """Return the holidays that the law names, and Good Friday, which it equates, in the order of the year.

    5 May is one every year, though the library takes it for a day off once in five years only; days
    equated by royal decree are in no library.

    Source: docs/sources.md#calendar
    """
    from holidays import country_holidays  # reading it takes longer than most commands

    found = country_holidays("NL", years=year, language="nl", categories=("public", "optional"))
    return {day: name for day, name in sorted(found.items()) if name not in _SUNDAYS}
