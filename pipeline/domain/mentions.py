"""Where a text, or what was read from JSON, mentions a person: whole words only, and nobody of a longer name."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

# What an assignment tells by the id of a reviewer, or of several by the rule.
_WEIGHED: Final = ("why", "why_not", "confirm", "nearest", "gains")
_NAMING: Final = ("reviewer", "others", "instead_of")  # how keys begin whose value is the id of a reviewer
_BEFORE: Final = r"(?<![\w.+%&-])(?<!\w['’])"  # anne-jan@x.example is not jan@x.example
_AFTER: Final = r"(?![\w@-])(?!['’.]\w)"  # nor is jan@x.example.org, and Jan Vis is not Jan Visser


def is_mentioned(text: str, words: Collection[str]) -> bool:
    """Say whether a text has one of these names or addresses in it; one word alone has to be all of it."""
    return any(_has(text.casefold(), word.casefold()) for word in words)


def _has(text: str, word: str) -> bool:
    if not is_distinct(word):
        return text.strip() == word
    return re.search(_BEFORE + re.escape(word) + _AFTER, text) is not None


def is_distinct(word: str) -> bool:
    """Say whether this is looked for within a text: a name of several words, or an address."""
    return " " in word or "@" in word


def places(value: Any, words: Collection[str], reviewers: Collection[str]) -> Iterator[str]:
    """Return where JSON mentions somebody, as dotted paths.

    Args:
        reviewers: ids, which are taken for such only where a key says that a reviewer follows.
    """
    waiting: list[tuple[tuple[str, ...], Any]] = [((), value)]
    while waiting:
        path, found = waiting.pop()
        if isinstance(found, Mapping):
            waiting += [((*path, str(key)), each) for key, each in found.items()]
        elif isinstance(found, list | tuple):
            waiting += [(path, each) for each in found]
        elif isinstance(found, str) and is_mentioned(found, words):
            yield ".".join(path)
        if path and _is_reviewer(path, found, reviewers):
            yield ".".join(path)


def _is_reviewer(path: tuple[str, ...], found: object, reviewers: Collection[str]) -> bool:
    if len(path) > 1 and path[-2] in _WEIGHED:
        return path[-1] in reviewers or (isinstance(found, str) and found in reviewers)
    return path[-1].startswith(_NAMING) and isinstance(found, str) and found in reviewers


def mentions_raw(raw: bytes, words: Collection[str], reviewers: Collection[str]) -> bool:
    """Say whether bytes that came in mention somebody, whether they are JSON or not."""
    text = raw.decode("utf-8", "replace")
    if any(is_distinct(word) and is_mentioned(text, [word]) for word in words):
        return True
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        alone = [word.casefold() for word in words if not is_distinct(word)]
        return any(f'"{word}"' in text.casefold() for word in alone)
    return any(True for _ in places(value, words, reviewers))
