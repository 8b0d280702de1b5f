"""A register, and what a letter of each kind needs, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, Final

from pipeline.domain.lifecycle import RECIPIENTS
from pipeline.domain.policy import Register
from pipeline.mail.letters import Rendered, render
from pipeline.mail.samples import PEOPLE, SAMPLES

REGISTER: Final = Register(
    name="Registerleraar",
    organisation="Onderwijscoöperatie",
    sender="register@register.example",
    address="vragen@register.example",
    telephone="070-3406500",
    telephone_hour="donderdag van 10.00 tot 13.00 uur",
    website="https://register.example",
)
WRITTEN: Final = datetime(2026, 12, 7, 8, tzinfo=UTC)
MESSAGE_ID: Final = "<letter-1@register.example>"


def facts(kind: str, **other: Any) -> dict[str, Any]:
    """What a letter of this kind tells, some of it replaced."""
    _, case, own = SAMPLES[kind]
    who = RECIPIENTS[kind]
    return {"register": REGISTER, "case": case, who: PEOPLE[who], **own, **other}


def letter(kind: str, told: Mapping[str, Any] | None = None, **how: Any) -> Rendered:
    usual = {"to": "aanbieder@school.example", "message_id": MESSAGE_ID, "date": WRITTEN}
    return render(kind, facts(kind) if told is None else told, **{**usual, **how})


def opened(rendered: Rendered) -> EmailMessage:
    """The letter as a mail reader reads it."""
    message = message_from_bytes(rendered.raw, policy=SMTP)
    assert isinstance(message, EmailMessage)
    return message


def body(rendered: Rendered, subtype: str = "plain") -> str:
    part = opened(rendered).get_body((subtype,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")
