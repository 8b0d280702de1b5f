"""Every command, in the order in which help shows them."""

from __future__ import annotations

from typing import Final

import typer

from pipeline.cli import (
    assignments,
    calendars,
    duplicates,
    journal,
    letter_steps,
    letters,
    providers,
    reviewers,
    terms,
    verdicts,
)
from pipeline.cli.backups import backup, release, restore
from pipeline.cli.bouncing import addresses_group, bounce, bounces
from pipeline.cli.cases import case, cases
from pipeline.cli.changing import change
from pipeline.cli.checking import check
from pipeline.cli.checks import config_group
from pipeline.cli.completing import complete
from pipeline.cli.deciding import decide
from pipeline.cli.doctor import doctor
from pipeline.cli.documents import contract, lifecycle
from pipeline.cli.extending import extend
from pipeline.cli.forecasting import forecast
from pipeline.cli.logos import logo
from pipeline.cli.migrating import migrate
from pipeline.cli.parked import parked
from pipeline.cli.persons import person
from pipeline.cli.playing import play
from pipeline.cli.rectifying import rectify
from pipeline.cli.refusals import refused
from pipeline.cli.rejudging import rejudge
from pipeline.cli.reminders import remind
from pipeline.cli.replaying import replay
from pipeline.cli.retaining import retain
from pipeline.cli.retrying import retry
from pipeline.cli.revoking import revoke
from pipeline.cli.running import up
from pipeline.cli.signing import sign_off
from pipeline.cli.submitting import submit
from pipeline.cli.taking_over import take_over
from pipeline.cli.versions import versions

RUN: Final = "Run"
LOOK: Final = "Look and act"
KEEP: Final = "Keep in order"

app: Final = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="The back office of a register of teachers: from submission to a decision letter with its logo.",
)

app.command(rich_help_panel=RUN)(up)
app.command(rich_help_panel=RUN)(play)
app.command(rich_help_panel=RUN)(replay)
app.command(rich_help_panel=RUN)(submit)
app.command(rich_help_panel=RUN)(check)
app.command(rich_help_panel=LOOK)(cases)
app.command(rich_help_panel=LOOK)(case)
app.command(rich_help_panel=LOOK)(versions)
app.command(rich_help_panel=LOOK)(refused)
app.command(rich_help_panel=LOOK)(complete)
app.command(rich_help_panel=LOOK)(decide)
app.command(rich_help_panel=LOOK)(sign_off)
app.command(rich_help_panel=LOOK)(take_over)
app.command(rich_help_panel=LOOK)(rejudge)
app.add_typer(verdicts.group, name="verdicts", rich_help_panel=LOOK)
app.command(rich_help_panel=LOOK)(extend)
app.command(rich_help_panel=LOOK)(parked)
app.command(rich_help_panel=LOOK)(retry)
app.command(rich_help_panel=LOOK)(remind)
app.command(rich_help_panel=LOOK)(forecast)
app.command(rich_help_panel=LOOK)(logo)
app.command(rich_help_panel=LOOK)(change)
app.command(rich_help_panel=LOOK)(rectify)
app.add_typer(providers.group, name="provider", rich_help_panel=LOOK)
app.add_typer(duplicates.group, name="duplicates", rich_help_panel=LOOK)
app.command(rich_help_panel=LOOK)(revoke)
app.add_typer(reviewers.group, name="reviewers", rich_help_panel=LOOK)
app.add_typer(assignments.group, name="assignment", rich_help_panel=LOOK)
app.add_typer(letters.group, name="letters", rich_help_panel=LOOK)
app.add_typer(terms.group, name="terms", rich_help_panel=LOOK)
app.command(rich_help_panel=LOOK)(bounces)
app.add_typer(addresses_group, name="addresses", rich_help_panel=LOOK)
app.command(rich_help_panel=RUN)(bounce)
for step in letter_steps.ALL:
    letters.group.command()(step)
app.command(rich_help_panel=KEEP)(contract)
app.command(rich_help_panel=KEEP)(lifecycle)
app.add_typer(config_group, name="config", rich_help_panel=KEEP)
app.add_typer(calendars.group, name="calendar", rich_help_panel=KEEP)
app.command(rich_help_panel=KEEP)(retain)
app.command(rich_help_panel=KEEP)(person)
app.add_typer(journal.group, name="journal", rich_help_panel=KEEP)
app.command(rich_help_panel=KEEP)(doctor)
app.command(rich_help_panel=KEEP)(migrate)
app.command(rich_help_panel=KEEP)(backup)
app.command(rich_help_panel=KEEP)(restore)
app.command(rich_help_panel=KEEP)(release)
