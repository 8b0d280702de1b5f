"""The Dutch of documents on paper, by the code that the system uses."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

FILE = "templates/paper/words.toml"


@cache
def tables() -> dict[str, dict[str, str]]:
    """Return every table of words."""
    return tomllib.loads(resources.files("pipeline").joinpath(FILE).read_text(encoding="utf-8"))


def word(code: str, table: str) -> str:
    """Return the Dutch for a code; one without a word stands for itself, so that nothing is left out."""
    return tables()[table].get(code, code)
