"""`pipeline journal`: whether it is as it was written, and a signed checkpoint to keep elsewhere."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.casework import checkpoints, sealed, verifying
from pipeline.casework.sealed import Kept
from pipeline.casework.verifying import Verified
from pipeline.cli import output
from pipeline.cli.options import AsJson, content_of, write_to
from pipeline.cli.session import opened
from pipeline.errors import JournalBroken, UsageError

group = typer.Typer(no_args_is_help=True, help="Check the journal, and sign how far it has come.")


@group.callback()
def journal() -> None:
    """Check the journal, and sign how far it has come."""


@group.command()
def verify(
    against: Annotated[
        list[Path] | None,
        typer.Option(help="A checkpoint that was kept elsewhere, or a folder of them; may be repeated."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Go through every chain and checkpoint, and name each fault; exit code 7 tells of any."""
    kept = [each for path in against or [] for each in _kept(path)]
    with opened() as app:
        found = verifying.verify(app, kept)
    if json:
        output.as_json({"ok": not found.faults, **asdict(found)})
    else:
        _show(found)
    if found.faults:
        raise typer.Exit(JournalBroken.exit_code)


def _kept(path: Path) -> list[Kept]:
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files:
        raise UsageError(f"{path} holds no checkpoints.")
    return [sealed.read_kept(file, content_of(file)) for file in files]


def _show(found: Verified) -> None:
    for fault in found.faults:
        output.line(_sentence(fault))
    looked = f"{found.chains} chains, {found.rows} rows ({found.erased} with their content erased), "
    looked += f"{found.checkpoints} checkpoints"
    if found.faults:
        output.line(f"{len(found.faults)} faults in {looked}.", "bold red")
    else:
        output.line(f"All is as it was written: {looked}.")


def _sentence(fault: dict[str, Any]) -> str:
    if fault["case"] is not None:
        row = "" if fault["row"] is None else f", row {fault['row']},"
        return f"{fault['case']}{row} {fault['says']}."
    if fault["checkpoint"] is not None:
        return f"Checkpoint {fault['checkpoint']} {fault['says']}."
    return f"{fault['says']}."


@group.command()
def checkpoint(
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Write it here too, to be kept elsewhere.")
    ] = None,
) -> None:
    """Sign now how long each chain is; the waker does so once a day."""
    with opened() as app:
        made = checkpoints.make(app)
    if out is not None:
        write_to(out, checkpoints.kept(made))
    where = out or f"{app.settings.home / checkpoints.COPIES}"
    output.line(f"Checkpoint {made.place} of {made.day}, signed by the key {made.key_id}: {where}")
