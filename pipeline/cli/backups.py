"""`pipeline backup`, `pipeline restore` and `pipeline release`: a home saved, put back and let go again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.casework import releasing, restoring
from pipeline.casework.restoring import Restored
from pipeline.cli import moments, notices, output
from pipeline.cli.options import AsJson
from pipeline.cli.session import built, opened, settings
from pipeline.embedded import home
from pipeline.errors import HomeError
from pipeline.store import backup as backups
from pipeline.store.archive import Archive, Manifest

By = Annotated[str, typer.Option(metavar="NAME", help="Who does it, for the journal.")]


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Such as monday.zip.")],
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing: read FILE and compare it with its digests.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Take the place of a file that is there.")] = False,
    json: AsJson = False,
) -> None:
    """Write all that the database holds to one file, while everything runs."""
    if not check:
        with opened() as app:
            backups.write(app.database, file, app.system.now(), anew=force)
    with Archive(file) as archive:
        if check:
            archive.check()
        manifest, digest = archive.manifest, archive.digest()
    if json:
        output.as_json(_told(manifest, digest))
    else:
        output.line(f"{file} {'is as it was written' if check else 'is written'}: {manifest.rows} rows.")
        output.facts(_facts(manifest, digest))


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE")], by: By = "operator", json: AsJson = False
) -> None:
    """Put a backup into an empty database; the home is then held until `pipeline release`."""
    name, found = _named(by), settings()
    with Archive(file) as archive, home.claimed(found.home) as ours, built(found) as app:
        if not ours:
            raise HomeError(f"Something runs in {found.home}; end it before a backup is restored there.")
        made = restoring.restore_from(app, archive, name)
    if json:
        output.as_json(_restored(made))
    else:
        _show(made)


def release(
    by: By,
    rest_not_accepted: Annotated[
        bool,
        typer.Option(
            "--rest-not-accepted", help="The relay accepted none of the letters that nobody has settled."
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this it is only shown.")] = False,
) -> None:
    """Let a home that was restored mail again."""
    name = _named(by)
    with opened() as app:
        if not yes:
            _show_standing(releasing.look(app))
            output.line("Nothing is changed; with --yes this is done.")
            return
        stood = releasing.release(app, name, rest_not_accepted=rest_not_accepted)
        output.line(f"The home is released by {name}: {stood.waiting + stood.queued} letters go out.")
        notices.show(app)  # it may be a copy all the same


def _named(by: str) -> str:
    if not by.strip():
        raise typer.BadParameter("--by is the name of whoever does it.")
    return by.strip()


def _told(manifest: Manifest, digest: str) -> dict[str, Any]:
    told = manifest.model_dump(mode="json")
    return {**told, "rows": manifest.rows, "sha256": digest}


def _facts(manifest: Manifest, digest: str) -> dict[str, object]:
    return {
        "made at": moments.shown(manifest.made_at),
        "home id": manifest.home_id,
        "schema": manifest.revision,
        "made by": manifest.program,
        "sha256": digest,
    }


def _restored(made: Restored) -> dict[str, Any]:
    return {
        "home_id": made.home_id,
        "sha256": made.digest,
        "made_at": made.made_at.isoformat(),
        "rows": made.rows,
        "letters": made.letters,
        "gaps": {name: list(gap) for name, gap in made.gaps.items()},
    }


def _show(made: Restored) -> None:
    output.line(f"Restored {made.rows} rows as they were on {moments.shown(made.made_at)}.", "bold")
    output.facts({"home id": made.home_id, "sha256": made.digest})
    output.line(
        f"The home is held: nothing is mailed. {made.letters} letters were on their way and may have gone out since."
    )
    output.line(
        "Redis needs nothing: the waker rings again. Numbers go on after a gap, which the journal names."
    )
    output.line(
        "What now: start everything; settle by the relay's log (`pipeline letters settle --accepted FILE`);"
    )
    output.line("then `pipeline release --by NAME` shows what will go out. docs/backup.md has each step.")


def _show_standing(standing: releasing.Standing) -> None:
    since = moments.shown(standing.held_at)
    output.line(f"Held since {since}; the backup was made on {_made(standing)}.", "bold")
    output.facts(
        {
            "may have gone out, and nobody has settled": standing.waiting,
            "settled": standing.settled,
            "queued since, and go out": standing.queued,
            "held by somebody, and stay so": standing.kept,
            "unknown, and stay so": standing.unknown,
        }
    )
    if standing.waiting:
        output.line(
            "Settle by the relay's log what may have gone out; what is then left goes out with --rest-not-accepted."
        )


def _made(standing: releasing.Standing) -> str:
    return moments.shown(standing.backup_at) if standing.backup_at else "a day that the journal does not tell"
