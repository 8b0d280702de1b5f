"""What people are called in a document: by their names, or for a provider by what they are."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.casework.dossier import Dossier


class Names:
    """Names of reviewers and of those who work for the register.

    Args:
        people: names of reviewers by id.
        hidden: for a provider, who never learns them.
    """

    def __init__(self, known: Dossier, people: Mapping[str, str], *, hidden: bool) -> None:
        self.hidden = hidden
        self._people = people
        asked = dict.fromkeys(one.reviewer_id for one in known.assignments)
        self._places = {key: place for place, key in enumerate(asked, start=1)}

    def reviewer(self, key: str) -> str:
        """Return what a reviewer is called, by id."""
        if self.hidden:
            place = self._places.get(key)
            return f"beoordelaar {place}" if place else "een beoordelaar"
        return f"{self._people[key]} ({key})" if key in self._people else key

    def human(self, name: str | None) -> str:
        """Return what somebody who decided, signed or chose is called."""
        if not name:
            return ""
        return "namens het register" if self.hidden else name
