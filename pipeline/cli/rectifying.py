"""`pipeline rectify`: what the register itself got wrong in a registration, put right."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.casework import rectifying
from pipeline.casework.rectifying import Correction, Planned, Right
from pipeline.cli import amounts, output, reasons
from pipeline.cli.options import By, of_the_register
from pipeline.cli.session import opened
from pipeline.domain.numbers import typed


def rectify(
    number: Annotated[str, typer.Argument(help="The activity number, such as 10000012 or '1000 0012'.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="For the letter to the provider, in Dutch.")],
    by: By,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="What the title is.")] = None,
    provider: Annotated[str | None, typer.Option(metavar="TEXT", help="What the provider is called.")] = None,
    contact: Annotated[
        str | None, typer.Option(metavar="HOURS", help="What the contact hours are, in RU.")
    ] = None,
    self_study: Annotated[
        str | None,
        typer.Option("--self-study", metavar="HOURS", help="What the hours of self-study are, in RU."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be put right.")] = False,
) -> None:
    """Put right a title, a provider's name or hours that the register got wrong: a new version, logo and letter."""
    right = Right(_line("--title", title), _line("--provider", provider), amounts.both(contact, self_study))
    if right == Right():
        raise typer.BadParameter("There is nothing to put right: give --title, --provider or the hours.")
    told = reasons.readable(reason, "why it was wrong")
    with opened() as app:
        if dry_run:
            _tell(rectifying.plan(app, typed(number), right), "Would be put right")
            output.line("Nothing was changed.")
        else:
            who = of_the_register(app, by)
            planned = rectifying.rectify(app, typed(number), right, told, who)
            _tell(planned, "Put right")
            output.line(
                f"Version {planned.version.version + 1} of registration {planned.version.number} is in force; "
                "the provider gets a letter with its logo."
            )


def _line(option: str, text: str | None) -> str | None:
    if text is None:
        return None
    line = " ".join(text.split())
    if not line or not line.isprintable():
        raise typer.BadParameter(f"{option} is a line of text.")
    return line


def _tell(planned: Planned, what: str) -> None:
    for one in planned.corrections:
        output.line(f"{what}: {one.field} {_shown(one, one.old)} -> {_shown(one, one.new)}")


def _shown(one: Correction, value: object) -> str:
    return (
        f"{value['contact']} + {value['self_study']}"
        if isinstance(value, dict)
        else f"“{output.cell(value)}”"
    )
