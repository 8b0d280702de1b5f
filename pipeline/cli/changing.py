"""`pipeline change`: what a provider changes of an activity in the register, taken up by an operator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.casework import changing
from pipeline.casework.changing import Outcome, Wanted
from pipeline.cli import output
from pipeline.cli.options import By, of_the_register
from pipeline.cli.session import opened
from pipeline.cli.submitting import events_of
from pipeline.domain.numbers import typed
from pipeline.errors import UsageError


def change(
    number: Annotated[str, typer.Argument(help="The activity number, such as 10000012 or '1000 0012'.")],
    by: By,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="A JSON merge patch on what was submitted, as in a supplement; - reads it from standard input."
        ),
    ] = None,
    renew: Annotated[
        bool, typer.Option("--renew", help="Judge it anew, though nothing or only dates may change.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would follow.")] = False,
) -> None:
    """Take up what a provider changes of a registration: dates at once, anything else after a judgement."""
    if file is None and not renew:
        raise typer.BadParameter("There is nothing to change: give a file, or --renew.")
    patch = {} if file is None else _patch(file)
    with opened() as app:
        if dry_run:
            output.line(_would(changing.plan(app, typed(number), patch, renew=renew)))
        else:
            who = of_the_register(app, by)
            output.line(_did(changing.change(app, typed(number), patch, who, renew=renew)))


def _patch(file: Path) -> dict[str, Any]:
    """Return the merge patch in a file.

    Raises:
        UsageError: it holds no JSON object.
    """
    ((place, raw),) = events_of(file)
    try:
        patch = json.loads(raw)
    except ValueError as error:
        raise UsageError(f"{place} is not JSON: {error}") from None
    if not isinstance(patch, dict):
        raise UsageError(f'{place} is not a merge patch such as {{"activity": {{"runs": [...]}}}}.')
    return patch


def _would(wanted: Wanted) -> str:
    if wanted.case is not None:
        return f"Case {wanted.case} is about that already. Nothing was changed."
    if wanted.is_judged:
        return f"Would be judged as a new version: {_fields(wanted.fields)}. Nothing was changed."
    if not wanted.differs:
        return "That is what stands in the register already."
    return f"Would be taken up without a judgement: {_fields(wanted.fields)}. Nothing was changed."


def _did(outcome: Outcome) -> str:
    if outcome.case is not None and outcome.is_known:
        return f"Case {outcome.case} is about that already. Nothing was changed."
    if outcome.case is not None:
        return (
            f"Case {outcome.case} is to judge it: {_fields(outcome.fields)}. "
            "What is in the register stays valid until the decision is sent."
        )
    if outcome.is_known:
        return "That is what stands in the register already. Nothing was changed."
    return f"Taken up: {_fields(outcome.fields)}; the provider gets a letter. Number and logo stay the same."


def _fields(fields: list[str]) -> str:
    return ", ".join(fields) or "nothing differs, it is to be renewed"
