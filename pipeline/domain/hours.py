"""Register hours (RU): contact and self-study kept apart, always as exact decimals."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, Inexact
from typing import Final, NamedTuple

# No amount is rounded, however many digits were sent: an event holds fewer than this.
EXACT: Final = Context(prec=1_000_000, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact])


class Hours(NamedTuple):
    """An amount of register hours, in RU."""

    contact: Decimal
    self_study: Decimal

    @property
    def total(self) -> Decimal:
        """Contact plus self-study, in RU."""
        return EXACT.add(self.contact, self.self_study)

    def share(self, part: Decimal) -> Decimal:
        """Return this part (0.5 is half) of the total, in RU."""
        return EXACT.multiply(self.total, part)

    def as_text(self) -> dict[str, str]:
        """Return ``contact``, ``self_study`` and ``total`` as plain decimals, without idle zeros."""
        return {
            "contact": plain(self.contact),
            "self_study": plain(self.self_study),
            "total": plain(self.total),
        }

    @classmethod
    def from_text(cls, parts: Mapping[str, str | None] | None) -> Hours:
        """Read what an event or a row holds; what is absent counts as 0."""
        parts = parts or {}
        return cls(Decimal(parts.get("contact") or 0), Decimal(parts.get("self_study") or 0))


def plain(amount: Decimal) -> str:
    """Return ``amount`` as digits and, if need be, a point: ``15.5``, ``10``, never ``1E+1``."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
