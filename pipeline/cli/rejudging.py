"""`pipeline rejudge`: what other rules would have made of a case."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.casework import rejudging
from pipeline.cli import output, trails
from pipeline.cli.options import AsJson
from pipeline.cli.session import opened
from pipeline.settings import load_policy


def rejudge(
    case: Annotated[str, typer.Argument(metavar="NUMBER", help="Such as A-2026-000123.")],
    policy: Annotated[Path, typer.Option(metavar="FILE", help="The other rules, a policy file.")],
    json: AsJson = False,
) -> None:
    """Show what other rules would have made of a case: findings, weighing, decision and hours. Changes nothing."""
    other = load_policy(policy)
    with opened() as app:
        found = rejudging.rejudge(app, case.strip().upper(), other)
    if json:
        output.as_json(found)
    else:
        trails.show_rejudged(found)
