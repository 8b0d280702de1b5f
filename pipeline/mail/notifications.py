"""What we ask of a server that can tell what became of a letter (RFC 3461, ``DSN``)."""

from __future__ import annotations

import re
from typing import Final

_HEADER: Final = re.compile(rb"(?im)^Message-ID:[ \t]*(?:\n[ \t]+)?<([!-;=?-~]+)@[^>\n]*>")
_PLAIN: Final = re.compile(r"[!-*,-<>-~]")  # xtext: printable, without space, "+" and "="
_LONGEST_ENVID: Final = 100


def at_mail(raw: bytes) -> list[str]:
    """Return what is asked at MAIL: the headers are enough, and our own name for the letter.

    A notification repeats that name as its ``Original-Envelope-Id``, also where nothing of the
    letter comes back with it.
    """
    name = xtext(letter_of(raw))
    return ["RET=HDRS", f"ENVID={name}"] if name and len(name) <= _LONGEST_ENVID else ["RET=HDRS"]


def at_rcpt(to: str) -> list[str]:
    """Return what is asked at RCPT: to be told of failure and delay, and of which address."""
    asked = ["NOTIFY=FAILURE,DELAY"]
    return [*asked, f"ORCPT=rfc822;{xtext(to)}"] if to.isascii() else asked


def letter_of(raw: bytes) -> str:
    """Return the id of a letter: what its Message-ID has before the ``@``; empty without one."""
    header, _, _ = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    found = _HEADER.search(header)
    return found[1].decode("ascii") if found else ""


def xtext(text: str) -> str:
    """Return a text as it stands in a parameter, as RFC 3461 (4) has it."""
    return "".join(sign if _PLAIN.fullmatch(sign) else f"+{ord(sign):02X}" for sign in text)
