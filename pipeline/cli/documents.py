"""`pipeline contract` and `pipeline lifecycle`: the documents that are made from the code."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from pipeline import contract as inbound
from pipeline.domain import drawing


def contract(
    json_schema: Annotated[bool, typer.Option("--json-schema", help="JSON Schema of every event.")] = False,
    asyncapi: Annotated[bool, typer.Option("--asyncapi", help="AsyncAPI 3 document of the queue.")] = False,
) -> None:
    """Print the inbound contract."""
    if json_schema == asyncapi:
        raise typer.BadParameter("choose one: --json-schema or --asyncapi.")
    document = inbound.json_schema() if json_schema else inbound.asyncapi()
    sys.stdout.write(inbound.rendered(document))


def lifecycle() -> None:
    """Print what a case can go through: the page docs/lifecycle.md."""
    sys.stdout.write(drawing.document())
