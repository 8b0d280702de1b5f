"""Every kind of letter with sample facts, as files to look at."""

from __future__ import annotations

from datetime import UTC, datetime, time
from email import message_from_bytes
from email.policy import SMTP
from html import escape
from pathlib import Path
from typing import Final

from pipeline.domain.lifecycle import RECIPIENTS
from pipeline.domain.policy import Register
from pipeline.mail import deadlines
from pipeline.mail.letters import KINDS, Attachment, Rendered, render
from pipeline.mail.samples import PEOPLE, SAMPLES

_SUFFIXES: Final = {"text/plain": "txt", "text/html": "html"}
WITH_LOGO: Final = ("granted", "objection_decided", "rectified")


def sample(kind: str, register: Register, logo: bytes | None = None) -> Rendered:
    """Render one kind with its sample facts; ``logo`` is a PNG for the letters that bring one."""
    written_on, case, own = SAMPLES[kind]
    who = RECIPIENTS[kind]
    written_at = datetime.combine(written_on, time(8), UTC)
    brought = (
        [Attachment("registerlogo-10000012.png", logo, "image/png")] if logo and kind in WITH_LOGO else []
    )
    if case is not None and kind in deadlines.TOLD_IN:
        told = deadlines.decision(register, case["number"], case["due_on"], 2, written_at)
        brought = [deadlines.attached(f"besluit-{case['number']}.ics", told, register)]
    return render(
        kind,
        {"register": register, "case": case, who: PEOPLE[who], **own},
        to=f"{who}@voorbeeld.example",
        message_id=f"<{kind}.voorbeeld@{register.sender.rpartition('@')[2]}>",
        date=written_at,
        attachments=brought,
    )


def preview(folder: Path, register: Register, logo: bytes | None = None) -> Path:
    """Write every kind as ``<kind>.eml``, ``.html`` and ``.txt`` into ``folder``.

    Args:
        folder: made if it is not there.
        logo: a PNG to attach to the letters that bring the logo.

    Returns:
        The ``index.html`` that leads to them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    letters = [sample(kind, register, logo) for kind in KINDS]
    for letter in letters:
        _write(folder, letter)
    index = folder / "index.html"
    index.write_text(_index(letters), encoding="utf-8")
    return index


def _write(folder: Path, letter: Rendered) -> None:
    message = message_from_bytes(letter.raw, policy=SMTP)
    (folder / f"{letter.kind}.eml").write_bytes(letter.raw)
    for part in message.walk():
        suffix = _SUFFIXES.get(part.get_content_type())
        if suffix:
            (folder / f"{letter.kind}.{suffix}").write_text(part.get_content(), encoding="utf-8")


def _index(letters: list[Rendered]) -> str:
    rows = "\n".join(
        f'<tr><td><a href="{kind}.html">{kind}</a></td><td><a href="{kind}.txt">tekst</a></td>'
        f'<td><a href="{kind}.eml">e-mail</a></td><td>{RECIPIENTS[kind]}</td><td>{escape(letter.subject)}</td></tr>'
        for letter in letters
        for kind in [letter.kind]
    )
    return _INDEX.format(rows=rows)


_INDEX: Final = """<!DOCTYPE html>
<html lang="nl">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Brieven</title></head>
<body><h1>Brieven</h1>
<table>
{rows}
</table>
</body>
</html>
"""
