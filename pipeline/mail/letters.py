"""A letter from its facts: template to MIME bytes, the same bytes for the same facts.

Every kind has a folder ``pipeline/templates/mail/<kind>/`` with ``subject.txt``, ``body.txt`` and
``body.html``. Facts are shown as they are typed and never run; what a letter prints is made Dutch
by its type: a ``date`` with its weekday, a ``datetime`` in Dutch time, a ``Decimal`` with a comma.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, UndefinedError
from markupsafe import Markup, escape

from pipeline.domain.lifecycle import RECIPIENTS
from pipeline.mail import dutch, mime, runs, words
from pipeline.mail.address import envelope
from pipeline.mail.literal import literal, one_line, shortened
from pipeline.mail.mime import LETTER, Part

KINDS: Final = tuple(RECIPIENTS)
SUBJECT_LENGTH: Final = 200  # characters; titles are shortened long before

# Facts that a letter may do without.
OPTIONAL: Final[Mapping[str, Any]] = MappingProxyType(
    dict.fromkeys(
        (
            "case",
            "case_number",
            "hours",
            "number",
            "objection_until",
            "category",
            "hours_asked",
            "subject",
            "about",
            "term",
            "valid_until",
            "stays",
            "repair_by",
            "renews",
            "revoked",
        )
    )
    | {
        "grounds": "",
        "why": "",
        "flags": (),
        "confirm": (),
        "compared": (),
        "sectors": (),
        "dossier": (),
        "motivations": (),
        "criteria": (),
        "always_motivated": False,
        "motivated_score": 0,
        "restores": False,
        "school_holidays": True,
    }
)
_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a letter; ``name`` is ASCII, ``media_type`` like ``image/png``."""

    name: str
    content: bytes
    media_type: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rendered:
    """A letter as it will be sent: ``raw`` never changes, ``digest`` is its SHA-256 in hexadecimal."""

    kind: str
    to: str
    subject: str
    message_id: str
    raw: bytes
    digest: str


def render(
    kind: str,
    facts: Mapping[str, Any],
    *,
    to: str,
    message_id: str,
    date: datetime,
    attachments: Sequence[Attachment] = (),
) -> Rendered:
    """Write one letter to one recipient.

    Args:
        kind: one of ``KINDS``.
        facts: what its templates name; always ``register`` (``policy.Register``), and ``provider``,
            ``reviewer`` or ``owner``, whoever ``RECIPIENTS`` says it is for, unless ``to_whom`` says another.
        to: the address; empty for a letter that can only be printed, which then has no ``To``.
        message_id: ``<left@right>``, the same for every attempt to send this letter.
        date: when it was written, aware.

    Raises:
        ValueError: ``kind``, ``to``, ``message_id``, ``date`` or an attachment's name is not usable.
        jinja2.UndefinedError: a fact that the letter needs is missing or None.
    """
    _check(kind, to, message_id, date, attachments)
    told = {"to_whom": RECIPIENTS[kind], **OPTIONAL, **facts, "written_on": dutch.local_day(date)}
    told["attached"] = [attachment.name for attachment in attachments]
    subject = shortened(_filled(_plain(), f"{kind}/subject.txt", told), SUBJECT_LENGTH)
    text = _filled(_plain(), f"{kind}/body.txt", told)
    html = _filled(_html(), f"{kind}/body.html", told)
    whole = _whole(text, html, attachments, message_id)
    addressed = _addressed(told["register"], to, message_id, date)
    raw = mime.subject(subject) + mime.VERSION + whole.head + addressed + b"\r\n" + whole.body
    return Rendered(kind, to, subject, message_id, raw, hashlib.sha256(raw).hexdigest())


def _check(kind: str, to: str, message_id: str, date: datetime, attachments: Sequence[Attachment]) -> None:
    if kind not in RECIPIENTS:
        raise ValueError(f"{kind!r} is no kind of letter")
    if date.tzinfo is None:
        raise ValueError("the date of a letter needs a time zone")
    if not _MESSAGE_ID.fullmatch(message_id) or len(message_id) > 200:
        raise ValueError(f"{message_id!r} is no Message-ID such as <left@right>")
    for attachment in attachments:
        if not _FILE_NAME.fullmatch(attachment.name):
            raise ValueError(f"{attachment.name!r} is no plain file name")
    if to:
        envelope(to)


def _whole(text: str, html: str, attachments: Sequence[Attachment], message_id: str) -> Part:
    """Put the parts together; ``=_`` never occurs in what is encoded."""
    stem = f"=_{hashlib.sha256(message_id.encode()).hexdigest()[:32]}"
    page = mime.text(html, "html")
    forms = [mime.text(text, "plain"), replace(page, head=page.head + mime.VERSION)]
    if not attachments:
        return mime.multipart("alternative", forms, f"{stem}_0")
    both = mime.multipart("alternative", forms, f"{stem}_1")
    return mime.multipart("mixed", [both, *map(_file, attachments)], f"{stem}_0")


def _file(attachment: Attachment) -> Part:
    if attachment.media_type == LETTER:
        return mime.letter(attachment.name, attachment.content)
    return mime.file(attachment.name, attachment.content, attachment.media_type, attachment.parameters)


def _addressed(register: Any, to: str, message_id: str, date: datetime) -> bytes:
    address = envelope(to) if to else ""
    is_utf8 = not address.isascii()
    return b"".join(
        (
            mime.mailbox("From", one_line(register.name), register.sender, is_utf8=is_utf8),
            mime.recipient(address) if to else b"",
            mime.mailbox("Reply-To", "", register.address, is_utf8=is_utf8),
            mime.date(date),
            mime.header("Message-ID", message_id),
            b"Auto-Submitted: auto-generated\r\nContent-Language: nl\r\n",
        )
    )


def _filled(templates: Environment, name: str, facts: Mapping[str, Any]) -> str:
    text = templates.get_template(name).render(facts)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


@cache
def _plain() -> Environment:
    return _environment(html=False)


@cache
def _html() -> Environment:
    return _environment(html=True)


def _environment(*, html: bool) -> Environment:
    templates = Environment(
        loader=PackageLoader("pipeline", "templates/mail"),
        autoescape=html,  # noqa: S701 -- the text part of a letter is not HTML
        undefined=StrictUndefined,
        finalize=_marked_up if html else _shown,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # they change with the release: no look at the disk for each letter
    )
    templates.filters |= {
        "advice": words.advice,
        "came": words.came,
        "capital": dutch.capital,
        "dated": dutch.dated,
        "days_left": dutch.days_left,
        "holiday": dutch.holiday,
        "label": words.label,
        "listed": dutch.listed,
        "local_day": dutch.local_day,
        "run": runs.told,
        "satisfying": words.satisfying,
        "shortened": _one_short_line,
        "span": lambda run: dutch.span(run.first, run.last),
        "weeks": dutch.weeks,
        "word": words.word,
    }
    templates.globals["salutation"] = dutch.salutation
    return templates


def _one_short_line(fact: object) -> str:
    """Return a fact for a subject, where the whole of it may be too long."""
    if fact is None:
        raise UndefinedError("a fact of this letter's subject is None")
    return shortened(str(fact))


def _shown(fact: object) -> str:
    """Return a fact as a letter prints it."""
    match fact:
        case None:
            raise UndefinedError("a fact of this letter is None")
        case Decimal():
            return dutch.hours(fact)
        case datetime():
            return dutch.moment(fact)
        case date():
            return dutch.day(fact)
    return literal(str(fact))


def _marked_up(fact: object) -> str:
    """Return a fact as HTML prints it: all of it text, its lines kept."""
    text = escape(_shown(fact))
    return text.replace("\n", Markup("<br>\n")) if "\n" in text else text
