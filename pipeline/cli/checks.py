"""`pipeline config check` and `pipeline migrate`: what must be right before anything runs."""

from __future__ import annotations

import typer

from pipeline.casework import mailing
from pipeline.cli import output
from pipeline.cli.session import built, migrate, settings
from pipeline.settings import load_calendar, load_policy, without_password
from pipeline.store import schema
from pipeline.store.engines import Database

config_group = typer.Typer(no_args_is_help=True, help="Check the configuration.")


@config_group.callback()
def config() -> None:
    """Check the configuration."""


@config_group.command()
def check() -> None:
    """Read the environment, the policy and the calendar whole, and say what is in force."""
    found = settings()
    policy, calendar = load_policy(found.policy), load_calendar(found.calendar)
    output.facts(
        {
            "home": found.home,
            "home id": found.home_id or "not set",
            "database": without_password(found.database_url),
            "redis": without_password(found.redis_url or "") or "embedded",
            "mail server": without_password(found.smtp_url or "") or "embedded",
            "policy": f"{found.policy} (version {policy.version}, {policy.register_.name})",
            "calendar": f"{found.calendar} ({calendar.first_day} to {calendar.last_day})",
        }
    )
    output.line("The configuration is right.")


def migrate_database() -> None:
    """Bring the database's schema up to date; a new home is made one in real time."""
    found = settings()
    with built(found) as app:
        before = _revision(app.database)
        migrate(found)
        app.clock.make(None)  # so that nobody plays a season among real cases
        after, found_id = _revision(app.database), mailing.of(app)
    was = "already" if before == after else f"after {before or 'nothing'}"
    output.line(f"The schema is at {after}, {was}. The home id is {found_id.home_id}.")
    if not found_id.mails:
        output.line(found_id.sentence)


def _revision(database: Database) -> str | None:
    with database.reading() as connection:
        return schema.revision(connection)
