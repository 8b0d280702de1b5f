"""The register's own rules as data: read from ``config/policy.toml``, checked whole at start.

Whatever the sources leave open is a value here, marked in the file as our assumption.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from pydantic import EmailStr, Field, model_validator

from pipeline.domain import former_rules
from pipeline.domain.completeness_rules import AnyRule
from pipeline.domain.judging import Judging
from pipeline.domain.rules import Positive, Rules

LONGEST_MAIL_TIMEOUT_SECONDS: Final = 300
Region = Literal["none", "noord", "midden", "zuid", "union", "intersection"]
TaskKind = Literal[
    "late",
    "overdue",
    "escalated",
    "sign_off",
    "no_reviewers",
    "unmailable",
    "unknown_letter",
    "bounced",
    "duplicate",
    "refused_often",
    "parked",
    "calendar",
    "rounds",
]


class Person(Rules):
    """A named human of the register's office or commission."""

    name: Annotated[str, Field(min_length=1)]
    email: EmailStr


class Duty(Rules):
    """Who does one kind of human task, and who does it when they cannot."""

    owner: Person
    deputy: Person


class Register(Rules):
    """How the register presents itself in letters and on the logo."""

    name: str
    organisation: str
    sender: EmailStr
    address: EmailStr
    telephone: str
    telephone_hour: str
    website: str


class Intake(Rules):
    """Which events are accepted, by time and by source."""

    closing_date: date | None = None
    ahead_minutes: Positive = 5
    behind_days: Positive = 14
    closing_grace_hours: Positive = 24
    refusal_letters_per_day: Positive = 5
    sources: dict[str, list[str]]


class Completeness(Rules):
    """What a submission must have, and how long and how often it is asked for.

    Attributes:
        rounds: requests to complete, after which a named human looks at what is still not complete.
        rules: in the order of the form; without any they follow from the lengths that a policy was before.
    """

    answer_days: Positive = 14
    set_aside_days: Positive = 28
    rounds: Positive = 3
    rules: list[AnyRule] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _of_lengths(cls, given: Any) -> Any:
        if not isinstance(given, dict) or "rules" in given:
            return given
        kept = {name: value for name, value in given.items() if name not in former_rules.LENGTHS}
        return {**kept, "rules": former_rules.rules(given)}


class Extending(Rules):
    """How often a term may be extended, and how many days in all past its end, by kind of case."""

    times: Positive = 1
    admission_days: Positive = 14
    activity_days: Positive = 42
    objection_days: Positive = 42


class Terms(Rules):
    """Budgets are calendar days from the day after receipt.

    Attributes:
        region: whose school holidays do not count; ``provider`` is the region of the provider's place.
        office_region: what counts for a provider whose place is not known.
        repair_days: to submit a deferred activity again, from the day on which that was sent.
    """

    admission_days: Positive = 14
    activity_days: Positive = 42
    objection_days: Positive = 42
    objection_window_days: Positive = 42
    repair_days: Positive = 84
    region: Literal[Region, "provider"] = "midden"
    office_region: Literal["noord", "midden", "zuid"] = "midden"
    roll_over: bool = True
    extending: Extending = Extending()


MOST_COSTLY: Final = 1000
Weight = Annotated[int, Field(ge=0, le=MOST_COSTLY)]  # points: only how they compare says anything


class Costs(Rules):
    """What makes one reviewer a better choice than another; the choice that costs least in all is taken.

    Attributes:
        load: of the n-th case in the capacity window it counts 2n - 1 times, divided by the capacity.
        sector: for each sector of the activity that the reviewer does not know.
        other_category: for each category besides that of the activity that they judge as well.
        leave: for a review time that they are away all of; as much less as they are there.
        continuity: for whoever did not judge the round that a resubmission follows on.
        same_provider: for each time that they were asked about the same provider of late.
        unconfirmed: for each fact about them that might tie them to a provider and is not known.
    """

    load: Weight = 100
    sector: Weight = 30
    other_category: Weight = 5
    leave: Weight = 150
    continuity: Weight = 200
    same_provider: Weight = 20
    unconfirmed: Weight = 10


PUBLIC_DOMAINS: Final = (
    "casema.nl chello.nl gmail.com gmx.com gmx.net googlemail.com hetnet.nl home.nl hotmail.com hotmail.nl icloud.com"
    " kpnmail.nl kpnplanet.nl live.com live.nl mac.com mail.com me.com msn.com online.nl outlook.com outlook.nl"
    " planet.nl proton.me protonmail.com quicknet.nl solcon.nl tele2.nl telfort.nl upcmail.nl xs4all.nl yahoo.com"
    " ziggo.nl zonnet.nl"
)


class Assigning(Rules):
    """How reviewers are chosen; the rules in force count for all cases, since they are assigned together.

    Attributes:
        unconfirmed: a reviewer of whom not all is known that may tie them to a provider is asked whether
            something does, or may not review.
        provider_days: how long having been asked about a provider counts.
        public_domains: where everybody may have a mail address: it ties nobody to anybody.
        silent_days: calendar days after a review was due until somebody else is asked; ``None`` is never.
    """

    unconfirmed: Literal["ask", "refuse"] = "ask"
    provider_days: Positive = 365
    silent_days: Positive | None = 14
    public_domains: list[str] = PUBLIC_DOMAINS.split()
    costs: Costs = Costs()


Answer = Literal["refuse", "ask", "ignore"]


class Duplicates(Rules):
    """What follows where something looks like what is there: it is refused, a named human is asked, or nothing.

    Attributes:
        kvk: an application under a KvK number that another provider has or had.
        name_postcode: with the name and the postcode of another.
        mail_domain: with a mail address at the domain of another's, unless everybody may have one there
            (``assigning.public_domains``).
        activity: an activity with the title and the content of another one of its provider.
    """

    kvk: Answer = "ask"
    name_postcode: Answer = "ask"
    mail_domain: Answer = "ask"
    activity: Answer = "ask"


class Admissions(Rules):
    """How long an admission holds.

    Attributes:
        valid_months: from the decision, or from the end of the one that it renews; ``None`` is without end.
        renewal_days: an application under the provider's own number is one to renew from so many days before the end.
    """

    valid_months: Positive | None = None
    renewal_days: Positive = 120


Unjudged = Literal["activity.runs", "activity.website"]
USUALLY_UNJUDGED: Final[tuple[Unjudged, ...]] = ("activity.runs",)


class Ground(Rules):
    """Why a registration may be revoked; ``sentence`` is what the provider reads, in Dutch."""

    key: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    sentence: Annotated[str, Field(min_length=1)]


class Registrations(Rules):
    """What stands in the register.

    Attributes:
        valid_days: how long a granted activity stays valid, in days from the decision; ``None`` is without end.
        unjudged: fields of an activity of which a change is taken up as it is; any other is judged.
        grounds: on which a registration may be revoked; the rules in force count for all.
    """

    valid_days: Positive | None = None
    unjudged: list[Unjudged] = Field(default_factory=lambda: list(USUALLY_UNJUDGED))
    grounds: list[Ground] = Field(default_factory=list)


class Retention(Rules):
    """Months from the closing of a case with this result until what is personal in it is erased.

    Attributes:
        unattached: from arrival, for events and letters about no case, and what came back by mail.
        reviewers: from when one who has left was last asked.
        home: from when it was written, for what the journal tells of the home as a whole.
    """

    granted: Positive = 84
    deferred: Positive = 24
    rejected: Positive = 84
    set_aside: Positive = 24
    withdrawn: Positive = 12
    founded: Positive = 84
    partly_founded: Positive = 84
    unfounded: Positive = 84
    inadmissible: Positive = 84
    unattached: Positive = 12
    reviewers: Positive = 24
    home: Positive = 84


class CalendarRules(Rules):
    """How many days before the calendar runs out its owner is warned."""

    warn_days: Positive = 90


class SendWindow(Rules):
    """Between which local hours letters leave, and whether on working days only."""

    from_: Annotated[time, Field(alias="from")]
    until: time
    working_days_only: bool = False


Addressee = Literal["provider", "reviewer", "owner", "deputy"]
Watchable = Literal["decision", "answer", "review", "validity", "admission"]
USUAL: Final[Mapping[str, Addressee]] = MappingProxyType(
    {
        "deadline_digest": "owner",
        "deadline_warning": "owner",
        "deadline_missed": "provider",
        "renewal_reminder": "provider",
        "admission_renewal": "provider",
        "supplement_reminder": "provider",
        "review_reminder": "reviewer",
        "task_waiting": "owner",
    }
)


class Rung(Rules):
    """One reminder: so many days before or after the deadline that it watches, at the office's hour.

    Attributes:
        deadline: ``validity`` is the last day of what was granted, ``admission`` that of an admission.
        days_before: days that count for the term of the case, before the end of a decision; else calendar days.
        days_after: calendar days after the deadline; then only the decision's is watched.
        to: whom the letter goes to; rules of before there was a choice leave it to the letter.
        task: the task that a letter ``task_waiting`` tells of; its owner and deputy are meant by ``to``.
    """

    key: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    deadline: Watchable
    kinds: list[Literal["admission", "activity", "objection"]]
    days_before: Annotated[int, Field(ge=0)] | None = None
    days_after: Positive | None = None
    to: Addressee
    letter: str
    task: TaskKind = "late"

    @model_validator(mode="before")
    @classmethod
    def _to_whom_it_usually_goes(cls, given: Any) -> Any:
        if isinstance(given, dict) and "to" not in given and given.get("letter") in USUAL:
            return {**given, "to": USUAL[given["letter"]]}
        return given

    @property
    def is_office(self) -> bool:
        """Whether it reaches somebody of the register itself."""
        return self.to in ("owner", "deputy")


class Reminders(Rules):
    """The ladder, and between which hours of a working day it writes.

    Attributes:
        late_every_days: how often the last rung after a deadline comes back while the case is open.
    """

    hour: time = time(9, 0)
    until: time = time(18, 0)
    late_every_days: Positive = 7
    rungs: list[Rung]

    @property
    def office(self) -> SendWindow:
        """When the office is open."""
        return SendWindow.model_validate({"from": self.hour, "until": self.until, "working_days_only": True})


class Mail(Rules):
    """How fast and when letters leave; neither ever makes one later than its term allows."""

    letters_per_minute: Positive | None = None
    send_window: SendWindow | None = None


class Machinery(Rules):
    """How patient the system is with itself; times in seconds.

    Attributes:
        attempts_before_parked: how often a step may end with an error.
        unfinished_before_parked: how often, rung again, it may be begun and never end: its process did.
        mail_timeout_seconds: for each half of a conversation with the mail server. An attempt whose
            outcome is not known after twice as long becomes unknown.
    """

    ring_after_seconds: Positive = 5
    ring_at_most_seconds: Positive = 60
    attempts_before_parked: Positive = 12
    unfinished_before_parked: Positive = 3
    letter_wait_at_most_seconds: Positive = 1800
    letter_tries_before_failed: Positive = 250
    mail_timeout_seconds: Annotated[int, Field(ge=1, le=LONGEST_MAIL_TIMEOUT_SECONDS)] = 60
    deep_queue: Positive = 200

    @property
    def attempts_before_silent(self) -> int:
        """After how many failures not even the reminders of a parked case are tried any more."""
        return 2 * self.attempts_before_parked


class Restore(Rules):
    """How far the counters jump when a backup is restored: more than may have been given out since it was made."""

    activity_numbers_step: Positive = 1000
    case_numbers_step: Positive = 1000


class Policy(Rules):
    """The whole policy file; ``version`` is kept by every case from its receipt."""

    version: Annotated[str, Field(min_length=1)]
    register_: Annotated[Register, Field(alias="register")]
    intake: Intake
    completeness: Completeness = Completeness()
    terms: Terms = Terms()
    judging: Judging = Judging()
    assigning: Assigning = Assigning()
    admissions: Admissions = Admissions()
    duplicates: Duplicates = Duplicates()
    registrations: Registrations = Registrations()
    reminders: Reminders
    mail: Mail = Mail()
    machinery: Machinery = Machinery()
    restore: Restore = Restore()
    retention: Retention = Retention()
    calendar: CalendarRules = CalendarRules()
    tasks: dict[TaskKind, Duty]
