"""The parts of a letter as MIME has them (RFC 2045 to 2047): headers, text, files and what holds several parts.

The library's own messages parse every header that they are given, once more for each parameter and boundary:
most of what a letter cost. Here the library folds and encodes, and what needs neither is written as it is.
"""

from __future__ import annotations

from base64 import encodebytes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.policy import SMTP, SMTPUTF8
from email.quoprimime import body_encode
from email.utils import format_datetime, quote
from functools import lru_cache
from typing import Final

from pipeline.contract.moments import AMSTERDAM

LETTER: Final = "message/rfc822"  # the media type of a letter that is attached as it was
VERSION: Final = b"MIME-Version: 1.0\r\n"
LONGEST_LINE: Final = SMTP.max_line_length or 78  # characters, the line end not among them
_KEPT: Final = 16  # mailboxes: a register has two


@dataclass(frozen=True)
class Part:
    """Header lines and a body, both with the line ends of mail."""

    head: bytes
    body: bytes

    @property
    def raw(self) -> bytes:
        """The part as it stands between two boundaries."""
        return self.head + b"\r\n" + self.body


def header(name: str, value: str, *, is_utf8: bool = False) -> bytes:
    """Return a header line, folded where it is longer than a line of mail.

    Raises:
        ValueError: the value ends the line, so that it could bring a header of its own.
    """
    if len(value.splitlines()) > 1:
        raise ValueError(f"the header {name} may not contain the end of a line")
    return (SMTPUTF8 if is_utf8 else SMTP).fold_binary(name, value)


def subject(text: str) -> bytes:
    """Return the header line; folded by the older ``Header``, since the newer folding adds spaces."""
    charset = "us-ascii" if text.isascii() else "utf-8"
    folded = Header(text, charset, header_name="Subject").encode(linesep="\r\n")
    return f"Subject: {folded}\r\n".encode("ascii")


@lru_cache(_KEPT)
def mailbox(name: str, shown: str, address: str, *, is_utf8: bool = False) -> bytes:
    """Return a header line with one address, and the name that is shown for it; all letters have the same.

    Raises:
        ValueError: it is no address for exactly one mailbox.
    """
    policy = SMTPUTF8 if is_utf8 else SMTP
    return policy.fold_binary(name, policy.header_factory(name, Address(shown, addr_spec=address)))


def recipient(address: str) -> bytes:
    """Return the ``To`` of an address for an envelope."""
    username, _, domain = address.rpartition("@")
    value = Address(username=username, domain=domain).addr_spec
    return header("To", value, is_utf8=not address.isascii())


def date(moment: datetime) -> bytes:
    """Return the ``Date`` of an aware moment, in Dutch time."""
    return header("Date", format_datetime(moment.astimezone(AMSTERDAM).replace(microsecond=0)))


def text(content: str, subtype: str) -> Part:
    """Return text, quoted-printable."""
    lines = b"\n".join(content.encode().splitlines()) + b"\n"
    encoded = body_encode(lines.decode("latin-1"), LONGEST_LINE, "\r\n")
    head = header("Content-Type", f'text/{subtype}; charset="utf-8"')
    return Part(head + b"Content-Transfer-Encoding: quoted-printable\r\n", encoded.encode("ascii"))


def file(name: str, content: bytes, media_type: str, parameters: Mapping[str, str]) -> Part:
    """Return a file to keep, in base64.

    Raises:
        ValueError: a header cannot hold the name, the type or a parameter.
    """
    told = [f'{key}="{quote(value)}"' for key, value in parameters.items()]
    kind = header("Content-Type", "; ".join([media_type, *told]))
    kept = b"Content-Transfer-Encoding: base64\r\n" + _attached(name)
    head = kept + kind if parameters else kind + kept  # where it has always stood
    return Part(head + VERSION, encodebytes(content).replace(b"\n", b"\r\n"))


def letter(name: str, raw: bytes) -> Part:
    """Return a letter as a file, its bytes as they are."""
    encoding = "7bit" if raw.isascii() else "8bit"
    kept = _attached(name) + header("Content-Transfer-Encoding", encoding)
    return Part(header("Content-Type", LETTER) + kept, raw)


def _attached(name: str) -> bytes:
    return header("Content-Disposition", f'attachment; filename="{name}"')


def multipart(subtype: str, parts: Sequence[Part], boundary: str) -> Part:
    """Return parts as one; the boundary is a line that none of them has."""
    kind, bound = f"Content-Type: multipart/{subtype};", f'boundary="{boundary}"'
    between = " " if len(f"{kind} {bound}") <= LONGEST_LINE else "\r\n "
    line = f"--{boundary}".encode("ascii")
    body = b"\r\n".join(line + b"\r\n" + part.raw for part in parts) + b"\r\n" + line + b"--\r\n"
    return Part(f"{kind}{between}{bound}\r\n".encode("ascii"), body)
