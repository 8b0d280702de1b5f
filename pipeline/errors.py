"""Every error this product raises on purpose, each with one sentence for a person."""

from __future__ import annotations

from typing import Final

WHOLE: Final = "(whole)"  # the "field" of a refusal that is about the event as a whole

# Every rule that can refuse an event; the letter to the provider has a Dutch sentence for each.
RULES: Final = frozenset(
    {
        "size",
        "encoding",
        "json",
        "depth",
        "object",
        "required",
        "wrong_type",
        "not_in_list",
        "hours_format",
        "hours_negative",
        "control_characters",
        "not_storable",
        "time_offset",
        "specversion",
        "unknown_type",
        "self_study",
        "too_early",
        "too_late",
        "closed",
        "source",
        "known_kvk",
        "known_name",
        "known_domain",
        "not_admitted",
        "admission_expired",
        "admission_suspended",
        "admission_withdrawn",
        "same_activity",
        "case_unknown",
        "wrong_state",
        "not_asked",
        "not_deferred",
        "repaired_late",
        "no_decision",
        "about",
        "reviewer_unknown",
        "not_assigned",
        "interest",
        "second_verdict",
        "score",
        "motivation",
        "hours_missing",
        "no_defer",
    }
)


class PipelineError(Exception):
    """Base of all our errors; ``str(error)`` is a sentence fit to show."""

    exit_code = 1


class SettingsError(PipelineError):
    """A setting is missing or out of range; names its key, its range and its file."""

    exit_code = 2


class UsageError(PipelineError):
    """A command was given something that it cannot work with."""

    exit_code = 2


class HomeError(PipelineError):
    """``PIPELINE_HOME`` cannot be used for what was asked (a lock, another kind of home)."""

    exit_code = 3


class Unreachable(PipelineError):
    """A part (database, Redis, mail server) did not answer."""

    exit_code = 4


class NotFound(PipelineError):
    """No case, letter or reviewer has that number."""

    exit_code = 5


class Refused(PipelineError):
    """An inbound event is refused; it is kept with this reason.

    Attributes:
        rule: which rule refused it, one of ``RULES``; letters find their Dutch sentence by it.
        field: dotted path from ``data`` (list positions left out), an envelope
            attribute, or ``(whole)``.
        expected: what would have been accepted, in words.
        got: what came, shortened to at most 200 characters.
        reason: one sentence for the sender, with what to do now.
    """

    exit_code = 6

    def __init__(self, rule: str, field: str, expected: str, got: object, reason: str = "") -> None:
        self.rule = rule
        self.field = field
        self.expected = expected
        self.got = shorten(got)
        self.reason = reason or f"{field}: expected {expected}, got {self.got}."
        super().__init__(self.reason)


class JournalBroken(PipelineError):
    """The journal is not as it was written, or not as its checkpoints say."""

    exit_code = 7


class IllegalMove(PipelineError):
    """The lifecycle table has no row for this kind, state and event."""


class CalendarEnds(PipelineError):
    """A date lies past the calendar's last known day, or in a gap between its files."""


class Stale(PipelineError):
    """Somebody else changed the row since it was read; read again and try once more."""


class Busy(PipelineError):
    """A thread beside this one is at the same thing; it says nothing of the row, and the waker rings again."""


def shorten(value: object, limit: int = 200) -> str:
    """Return ``value`` as one printable line of at most ``limit`` characters."""
    text = value if isinstance(value, str) else repr(value)
    line = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text[: limit + 1])
    return line if len(line) <= limit else line[: limit - 1] + "…"
