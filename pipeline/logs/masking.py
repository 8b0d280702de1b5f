"""What a line of the log may not show: whom a letter goes to, and what opens a door."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from structlog.typing import EventDict, WrappedLogger

HIDDEN: Final = "***"
SHORTEST: Final = 4  # characters of a secret: hiding shorter ones would hide half of every word

# What may stand before the @ of an address without quotes; not what ends or begins it in a sentence, a path
# or a URL. It begins where nothing of it stands before, and gives nothing back: one look at each sign.
_LOCAL: Final = r"[^\s@%*\"'`<>()\[\]{}|,;:/?#&=\\]"
_ADDRESS: Final = re.compile(rf"(?<!{_LOCAL})({_LOCAL}){_LOCAL}*+(?:@|%40)(?=[^\s@])")
_QUOTED: Final = re.compile(r'\\?"[^"@]{1,254}"@(?=[^\s@])')
_ODD: Final = re.compile(r"[%*'`{}|/?#&=](?<!\*\*\*)@(?=[^\s@])")  # signs that an address seldom ends in
_PASSWORD: Final = re.compile(r"(\b[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s:/@?#]*):[^\s]*@")
_PARAMETER: Final = re.compile(r"\b((?:password|passwd|pwd|secret|token)=)[^\s&\"']+", re.IGNORECASE)


def masked(text: str) -> str:
    """Return ``text`` with the local parts of addresses and the passwords in URLs hidden."""
    if "://" in text:
        text = _PASSWORD.sub(rf"\1:{HIDDEN}@", text)
    if "@" in text or "%40" in text:
        text = _ADDRESS.sub(r"\1…@", _QUOTED.sub('"…"@', text))
        text = _ODD.sub("…@", text)
    return _PARAMETER.sub(rf"\1{HIDDEN}", text) if "=" in text else text


class Mask:
    """A processor of structlog: hides it in every value of a line, however deep; the last before rendering.

    What is no text, number, list or mapping is written down first, as it would be then.
    """

    def __init__(self, secrets: Collection[str] = ()) -> None:
        longest_first = sorted((one for one in secrets if len(one) >= SHORTEST), key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def __call__(self, logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
        return {key: self._hidden(value) for key, value in event.items()}

    def _hidden(self, value: object) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Mapping):
            return {self._text(str(key)): self._hidden(one) for key, one in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._hidden(one) for one in value]
        return self._text(value if isinstance(value, str) else repr(value))

    def _text(self, text: str) -> str:
        return masked(self._secrets.sub(HIDDEN, text) if self._secrets else text)
