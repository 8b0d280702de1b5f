"""The one table that says everything a case can do; nothing else sets a state.

Kind + state + event -> new state, result, letters (each kind has one recipient), effect on the
term and the actor that takes the case further. Actors, reminders, pages, documentation and tests
read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from pipeline.errors import IllegalMove


class Kind(StrEnum):
    """What a case is about; the value stands in ``cases --json``."""

    ADMISSION = "admission"
    ACTIVITY = "activity"
    OBJECTION = "objection"


class State(StrEnum):
    """Where a case stands."""

    RECEIVED = "received"
    INCOMPLETE = "incomplete"
    COMPLETE = "complete"
    IN_REVIEW = "in_review"
    TO_SIGN = "to_sign"
    ESCALATED = "escalated"
    DECIDED = "decided"
    CLOSED = "closed"


class Result(StrEnum):
    """What a case came to."""

    GRANTED = "granted"
    DEFERRED = "deferred"
    REJECTED = "rejected"
    SET_ASIDE = "set_aside"
    WITHDRAWN = "withdrawn"
    FOUNDED = "founded"
    PARTLY_FOUNDED = "partly_founded"
    UNFOUNDED = "unfounded"
    INADMISSIBLE = "inadmissible"


class Event(StrEnum):
    """What can happen to a case."""

    FOUND_COMPLETE = "found_complete"
    COMPLETED = "completed"  # found complete after a supplement
    FOUND_INCOMPLETE = "found_incomplete"
    ROUNDS_SPENT = "rounds_spent"  # still incomplete, however often it was asked for
    ASKED_ONCE_MORE = "asked_once_more"  # as this and the next two are, by a named human
    TAKEN_AS_IT_IS = "taken_as_it_is"
    SET_ASIDE = "set_aside"
    FOUND_LATE = "found_late"  # an objection filed after its window
    REQUEST_SENT = "request_sent"
    SUPPLEMENTED = "supplemented"
    ANSWER_BY_PASSED = "answer_by_passed"
    WITHDRAWN = "withdrawn"
    ASSIGNED = "assigned"
    VERDICT_GIVEN = "verdict_given"
    RECUSED = "recused"
    RELEASED = "released"  # a reviewer left the list, is away, declined or stays silent
    TAKEN_OVER = "taken_over"  # by the commission, of a case that gets no reviewers or whose term has run out
    DISAGREED = "disagreed"
    UNDECIDED = "undecided"
    VERDICT_ANNULLED = "verdict_annulled"
    PROPOSED = "proposed"  # reviewers agree, and the decision waits for a signature
    SIGNED_OFF = "signed_off"
    SIGN_OFF_REFUSED = "sign_off_refused"
    AGREED_TO_GRANT = "agreed_to_grant"
    AGREED_TO_GRANT_IN_PART = "agreed_to_grant_in_part"
    AGREED_TO_DEFER = "agreed_to_defer"
    AGREED_TO_REJECT = "agreed_to_reject"
    LOGO_DRAWN = "logo_drawn"
    NO_LOGO_NEEDED = "no_logo_needed"  # a founded objection that brings no new version
    DECISION_SENT = "decision_sent"
    EXTENDED = "extended"


class Step(NamedTuple):
    """One row: the new state, and what the move owes the outside world."""

    to: State
    result: Result | None = None
    letters: str = ""  # folders in pipeline/templates/mail/, see RECIPIENTS
    term: str = ""  # what the move does to the term: start, pause, resume, extend, meet
    wake: str = ""  # actor that takes the case further


_TO_PROVIDER: Final = (
    "confirmation supplement_asked supplement_reminder supplement_received set_aside granted admitted not_admitted "
    "deferred rejected withdrawn extended term_changed deadline_missed objection_received objection_decided "
    "renewal_reminder adjusted rectified revoked admission_renewal admission_suspended admission_withdrawn "
    "admission_reinstated event_refused sent_again"
)
RECIPIENTS: Final[Mapping[str, str]] = MappingProxyType(
    dict.fromkeys(_TO_PROVIDER.split(), "provider")
    | dict.fromkeys(("review_asked", "review_reminder", "review_not_needed", "verdict_annulled"), "reviewer")
    | dict.fromkeys(("deadline_digest", "deadline_warning", "task_waiting"), "owner")
)

# The step that a case takes when its letter is accepted by the mail server, or settled as such.
ON_SENT: Final[Mapping[str, Event]] = MappingProxyType(
    {"supplement_asked": Event.REQUEST_SENT}
    | dict.fromkeys(
        ["set_aside", "granted", "admitted", "not_admitted", "deferred", "rejected", "objection_decided"],
        Event.DECISION_SENT,
    )
)

INBOUND: Final = (Event.SUPPLEMENTED, Event.WITHDRAWN, Event.VERDICT_GIVEN, Event.RECUSED)
OPEN: Final = (
    State.RECEIVED,
    State.INCOMPLETE,
    State.COMPLETE,
    State.IN_REVIEW,
    State.TO_SIGN,
    State.ESCALATED,
)
JUDGED: Final = (State.IN_REVIEW, State.TO_SIGN, State.ESCALATED)

Table = Mapping[tuple[State, Event], Step]
S, R, E = State, Result, Event


def _everywhere(event: Event, states: tuple[State, ...], **owed: str) -> dict[tuple[State, Event], Step]:
    """Rows for an event that leaves the state as it is."""
    return {(state, event): Step(state, **owed) for state in states}  # type: ignore[arg-type]


def _withdrawal(*states: State) -> dict[tuple[State, Event], Step]:
    """Rows for a withdrawal: reviewers who have not answered are told only where there are any."""
    return {
        (state, E.WITHDRAWN): Step(
            S.CLOSED,
            R.WITHDRAWN,
            letters="withdrawn review_not_needed" if state in JUDGED else "withdrawn",
            term="meet",
        )
        for state in states
    }


# fmt: off
_COMPLETENESS: Final[Table] = {
    (S.RECEIVED,   E.FOUND_COMPLETE):   Step(S.COMPLETE,   letters="confirmation",        wake="assign_reviewers"),
    (S.RECEIVED,   E.COMPLETED):        Step(S.COMPLETE,   letters="supplement_received", wake="assign_reviewers"),
    (S.RECEIVED,   E.FOUND_INCOMPLETE): Step(S.INCOMPLETE, letters="supplement_asked"),
    (S.RECEIVED,   E.ROUNDS_SPENT):     Step(S.RECEIVED,   letters="task_waiting"),
    (S.RECEIVED,   E.ASKED_ONCE_MORE):  Step(S.INCOMPLETE, letters="supplement_asked"),
    (S.RECEIVED,   E.TAKEN_AS_IT_IS):   Step(S.COMPLETE,   letters="supplement_received", wake="assign_reviewers"),
    (S.RECEIVED,   E.SET_ASIDE):        Step(S.DECIDED,    R.SET_ASIDE, letters="set_aside"),
    (S.INCOMPLETE, E.REQUEST_SENT):     Step(S.INCOMPLETE, term="pause"),
    (S.INCOMPLETE, E.SUPPLEMENTED):     Step(S.RECEIVED,   term="resume",                 wake="check_completeness"),
    (S.INCOMPLETE, E.ANSWER_BY_PASSED): Step(S.DECIDED,    R.SET_ASIDE, letters="set_aside"),
}

_REVIEW: Final[Table] = {
    (S.COMPLETE,   E.ASSIGNED):         Step(S.IN_REVIEW,  letters="review_asked"),
    (S.IN_REVIEW,  E.ASSIGNED):         Step(S.IN_REVIEW,  letters="review_asked"),
    (S.IN_REVIEW,  E.VERDICT_GIVEN):    Step(S.IN_REVIEW,  wake="decide"),
    (S.IN_REVIEW,  E.RECUSED):          Step(S.IN_REVIEW,  wake="assign_reviewers"),
    (S.IN_REVIEW,  E.RELEASED):         Step(S.IN_REVIEW,  letters="review_not_needed",   wake="assign_reviewers"),
    (S.IN_REVIEW,  E.DISAGREED):        Step(S.IN_REVIEW,  wake="assign_reviewers"),
    (S.IN_REVIEW,  E.UNDECIDED):        Step(S.ESCALATED,  letters="task_waiting"),
    (S.COMPLETE,   E.TAKEN_OVER):       Step(S.ESCALATED,  letters="task_waiting"),
    (S.IN_REVIEW,  E.TAKEN_OVER):       Step(S.ESCALATED,  letters="task_waiting review_not_needed"),
    (S.IN_REVIEW,  E.VERDICT_ANNULLED): Step(S.IN_REVIEW,  letters="verdict_annulled",    wake="decide"),
    (S.TO_SIGN,    E.VERDICT_ANNULLED): Step(S.IN_REVIEW,  letters="verdict_annulled",    wake="decide"),
    (S.ESCALATED,  E.VERDICT_ANNULLED): Step(S.IN_REVIEW,  letters="verdict_annulled",    wake="decide"),
    (S.IN_REVIEW,  E.PROPOSED):         Step(S.TO_SIGN,    letters="task_waiting review_not_needed"),
    (S.TO_SIGN,    E.SIGNED_OFF):       Step(S.TO_SIGN),
    (S.TO_SIGN,    E.SIGN_OFF_REFUSED): Step(S.ESCALATED,  letters="task_waiting"),
    (S.DECIDED,    E.DECISION_SENT):    Step(S.CLOSED,     term="meet"),
}

ADMISSION: Final[Table] = MappingProxyType({
    **_COMPLETENESS,
    **_REVIEW,
    **_withdrawal(*OPEN),
    **_everywhere(E.EXTENDED, OPEN, letters="extended", term="extend"),
    (S.IN_REVIEW,  E.AGREED_TO_GRANT):  Step(S.DECIDED, R.GRANTED,  letters="admitted review_not_needed"),
    (S.IN_REVIEW,  E.AGREED_TO_DEFER):  Step(S.DECIDED, R.DEFERRED, letters="deferred review_not_needed"),
    (S.IN_REVIEW,  E.AGREED_TO_REJECT): Step(S.DECIDED, R.REJECTED, letters="not_admitted review_not_needed"),
    (S.TO_SIGN,    E.AGREED_TO_GRANT):  Step(S.DECIDED, R.GRANTED,  letters="admitted"),
    (S.TO_SIGN,    E.AGREED_TO_DEFER):  Step(S.DECIDED, R.DEFERRED, letters="deferred"),
    (S.TO_SIGN,    E.AGREED_TO_REJECT): Step(S.DECIDED, R.REJECTED, letters="not_admitted"),
    (S.ESCALATED,  E.AGREED_TO_GRANT):  Step(S.DECIDED, R.GRANTED,  letters="admitted"),
    (S.ESCALATED,  E.AGREED_TO_DEFER):  Step(S.DECIDED, R.DEFERRED, letters="deferred"),
    (S.ESCALATED,  E.AGREED_TO_REJECT): Step(S.DECIDED, R.REJECTED, letters="not_admitted"),
})

ACTIVITY: Final[Table] = MappingProxyType({
    **_COMPLETENESS,
    **_REVIEW,
    **_withdrawal(*OPEN),
    **_everywhere(E.EXTENDED, OPEN, letters="extended", term="extend"),
    (S.IN_REVIEW,  E.AGREED_TO_GRANT):  Step(S.DECIDED, R.GRANTED,  letters="review_not_needed", wake="draw_logo"),
    (S.IN_REVIEW,  E.AGREED_TO_DEFER):  Step(S.DECIDED, R.DEFERRED, letters="deferred review_not_needed"),
    (S.IN_REVIEW,  E.AGREED_TO_REJECT): Step(S.DECIDED, R.REJECTED, letters="rejected review_not_needed"),
    (S.TO_SIGN,    E.AGREED_TO_GRANT):  Step(S.DECIDED, R.GRANTED,  wake="draw_logo"),
    (S.TO_SIGN,    E.AGREED_TO_DEFER):  Step(S.DECIDED, R.DEFERRED, letters="deferred"),
    (S.TO_SIGN,    E.AGREED_TO_REJECT): Step(S.DECIDED, R.REJECTED, letters="rejected"),
    (S.ESCALATED,  E.AGREED_TO_GRANT):  Step(S.DECIDED, R.GRANTED,  wake="draw_logo"),
    (S.ESCALATED,  E.AGREED_TO_DEFER):  Step(S.DECIDED, R.DEFERRED, letters="deferred"),
    (S.ESCALATED,  E.AGREED_TO_REJECT): Step(S.DECIDED, R.REJECTED, letters="rejected"),
    (S.DECIDED,    E.LOGO_DRAWN):       Step(S.DECIDED, letters="granted"),
})
# fmt: on


def _objection() -> Table:
    """An objection is complete as it comes; a decision with new hours waits for its logo."""
    rows: dict[tuple[State, Event], Step] = {
        (S.RECEIVED, E.FOUND_COMPLETE): Step(
            S.COMPLETE, letters="objection_received", wake="assign_reviewers"
        ),
        (S.RECEIVED, E.FOUND_LATE): Step(S.DECIDED, R.INADMISSIBLE, letters="objection_decided"),
        (S.DECIDED, E.LOGO_DRAWN): Step(S.DECIDED, letters="objection_decided"),
        (S.DECIDED, E.NO_LOGO_NEEDED): Step(S.DECIDED, letters="objection_decided"),
        **_REVIEW,
        **_withdrawal(*(state for state in OPEN if state is not S.INCOMPLETE)),
        **_everywhere(
            E.EXTENDED,
            tuple(state for state in OPEN if state is not S.INCOMPLETE),
            letters="extended",
            term="extend",
        ),
    }
    for state in JUDGED:
        more = " review_not_needed" if state is S.IN_REVIEW else ""
        rows |= {
            (state, E.AGREED_TO_GRANT): Step(S.DECIDED, R.FOUNDED, letters=more.strip(), wake="draw_logo"),
            (state, E.AGREED_TO_GRANT_IN_PART): Step(
                S.DECIDED, R.PARTLY_FOUNDED, letters=more.strip(), wake="draw_logo"
            ),
            (state, E.AGREED_TO_REJECT): Step(S.DECIDED, R.UNFOUNDED, letters="objection_decided" + more),
        }
    return MappingProxyType(rows)


OBJECTION: Final[Table] = _objection()
TABLES: Final[Mapping[Kind, Table]] = MappingProxyType(
    {Kind.ADMISSION: ADMISSION, Kind.ACTIVITY: ACTIVITY, Kind.OBJECTION: OBJECTION}
)


def step(kind: Kind, state: State, event: Event) -> Step:
    """Return the row for this move.

    Raises:
        IllegalMove: the table has no such row; an inbound event is then refused.
    """
    try:
        return TABLES[kind][state, event]
    except KeyError:
        raise IllegalMove(f"A case of kind {kind} in state {state} cannot take the event {event}.") from None


def events(kind: Kind, state: State) -> tuple[Event, ...]:
    """Return the events that a case of this kind takes in this state, in the table's order."""
    return tuple(event for (at, event) in TABLES[kind] if at is state)
