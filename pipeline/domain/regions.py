"""In which region of the school holidays a place lies; what is not known is not guessed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Self

from pydantic import model_validator

from pipeline.domain.calendar_files import REGIONS, Facts, SchoolRegion, Text


class Regions(Facts):
    """The file ``config/regions.toml``: the places of each region, by the name that an address bears.

    Attributes:
        sources: where the places and their regions were found.
    """

    noord: list[Text]
    midden: list[Text]
    zuid: list[Text]
    sources: dict[str, Text]

    @cached_property
    def by_place(self) -> Mapping[str, SchoolRegion]:
        """Each place, as it is compared, with its region."""
        return dict(self._entries())

    def _entries(self) -> Iterator[tuple[str, SchoolRegion]]:
        for region in REGIONS:
            yield from ((_compared(place), region) for place in getattr(self, region))

    @model_validator(mode="after")
    def _has_each_place_once(self) -> Self:
        regions: dict[str, str] = {}
        for place, region in self._entries():
            if (other := regions.setdefault(place, region)) != region:
                raise ValueError(f"must name each place in one region, got {place} in {other} and {region}")
        return self


def region_of(city: str | None, regions: Regions) -> SchoolRegion | None:
    """Return the region of the school holidays that a place lies in; None where that is not known.

    Args:
        city: as in an address; neither case nor accents, spaces and signs tell places apart.

    Source: docs/sources.md#calendar
    """
    return None if city is None else regions.by_place.get(_compared(city))


def _compared(place: str) -> str:
    decomposed = unicodedata.normalize("NFKD", place).casefold()
    return "".join(sign for sign in decomposed if sign.isalnum())
