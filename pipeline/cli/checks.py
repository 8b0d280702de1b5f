"""`pipeline config check`: what must be right before anything runs."""

from __future__ import annotations

import typer

from pipeline.cli import output
from pipeline.cli.session import settings
from pipeline.errors import SettingsError
from pipeline.settings import load_policy, load_regions, without_password
from pipeline.settings.calendars import check_calendar

config_group = typer.Typer(no_args_is_help=True, help="Check the configuration.")


@config_group.callback()
def config() -> None:
    """Check the configuration."""


@config_group.command()
def check() -> None:
    """Read the environment, the policy and the calendar whole, and say what is in force."""
    found = settings()
    policy, (calendar, faults) = load_policy(found.policy), check_calendar(found.calendar)
    if calendar is None or faults:
        raise SettingsError("\n".join(faults))
    regions = load_regions(found.regions)
    output.facts(
        {
            "home": found.home,
            "home id": found.home_id or "not set",
            "database": without_password(found.database_url),
            "redis": without_password(found.redis_url or "") or "embedded",
            "mail server": without_password(found.smtp_url or "") or "embedded",
            "policy": f"{found.policy} (version {policy.version}, {policy.register_.name})",
            "calendar": f"{found.calendar} ({calendar.first_day} to {calendar.last_day})",
            "regions": f"{found.regions} ({len(regions.by_place)} places)",
        }
    )
    output.line("The configuration is right.")
