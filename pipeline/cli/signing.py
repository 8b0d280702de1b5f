"""`pipeline sign-off`: a named human signs what reviewers agreed on, or sends it to the commission."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.casework import signing
from pipeline.cli import output
from pipeline.cli.options import By, CaseNumber, of_the_register
from pipeline.cli.session import opened


def sign_off(
    case: CaseNumber,
    by: By,
    amend: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT", help="The motivation of the letter, in Dutch, instead of the reviewers' own."
        ),
    ] = None,
    refuse: Annotated[bool, typer.Option("--refuse", help="Sign nothing: the commission decides.")] = False,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why it is not signed.")] = None,
) -> None:
    """Sign a decision that is held for it: number, logo and letter follow; or refuse to."""
    number = case.strip().upper()
    if refuse and amend is not None:
        raise typer.BadParameter("--refuse signs nothing, so there is nothing to amend.")
    if refuse == (reason is None):
        raise typer.BadParameter("--refuse and --reason go together.")
    with opened() as app:
        who = of_the_register(app, by)
        if refuse:
            signing.refuse(app, number, who, reason or "")
        else:
            signing.sign(app, number, who, amend)
    done = "goes to the commission" if refuse else "is decided"
    output.line(f"Case {number} {done}; `pipeline case {number}` shows what follows.")
