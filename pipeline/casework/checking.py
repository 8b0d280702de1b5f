"""What would be found in an event if it were sent: nothing is stored, nothing is rung for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pipeline.casework import duplicates, opening, providers, repairing, window
from pipeline.contract import (
    ActivitySubmitted,
    CaseSupplemented,
    EventType,
    ProviderApplied,
    may_hold_halves,
    parse,
    read,
    received_on,
    supplemented,
)
from pipeline.domain import completeness, likeness
from pipeline.domain.completeness import Finding
from pipeline.domain.lifecycle import Kind, State
from pipeline.domain.policy import Policy
from pipeline.errors import Refused
from pipeline.mail import words
from pipeline.store import rows, tables
from pipeline.store.reading import one_of
from pipeline.wiring import App

Json = dict[str, Any]
KINDS: Final[Mapping[EventType, Kind]] = {
    EventType.PROVIDER_APPLIED: Kind.ADMISSION,
    EventType.ACTIVITY_SUBMITTED: Kind.ACTIVITY,
}
# What is not looked at, and why, in the words of a command.
TIME: Final = "the time of sending: it counts when the event comes"
ENVELOPE: Final = "the envelope: this is the data alone"
KNOWN: Final = "whether the provider is known already: there is no home here"
ADMISSION: Final = "whether the provider is admitted: there is no home here"
EARLIER: Final = "whether the earlier round was deferred: there is no home here"
CASE: Final = "whether the case waits for this and what it then has: there is no home here"
STATE: Final = "whether the case allows it: only submissions and supplements are looked at so far"


class Check:
    """One event looked at under these rules, and with what a home knows where there is one.

    What would be missing is told of a refused event too, as soon as the contract lets it be read.

    Attributes:
        unchecked: what could not be looked at, in words.
        findings: what the rules of completeness find.
    """

    def __init__(self, policy: Policy, app: App | None) -> None:
        self._policy, self._app = policy, app
        self._type: EventType | None = None
        self._event_id: str | None = None
        self.unchecked: list[str] = []
        self.findings: tuple[Finding, ...] | None = None

    def of(self, raw: bytes) -> Json:
        """Return what would become of an event, or of the data of one; keys as docs/json.md names them."""
        try:
            self._look(raw)
        except Refused as refusal:
            return self._told("refused", refusal)
        if self.findings is None:
            return self._told("unchecked")
        return self._told("incomplete" if completeness.musts(self.findings) else "complete")

    def _look(self, raw: bytes) -> None:
        document = parse(raw)
        self._type = _type_of_data(document)
        if self._type is not None:
            self.unchecked.append(ENVELOPE)
            document = {**_ENVELOPE, "type": self._type.value, "data": document}
        self._remember(document)
        inbound = read(document, may_hold_halves=may_hold_halves(raw))
        if inbound.type in KINDS:
            self._judge(KINDS[inbound.type], inbound.document["data"], self._policy)
        if ENVELOPE not in self.unchecked:
            self.unchecked.append(TIME)
            window.check_source(inbound, self._policy.intake)
        match inbound.data:
            case CaseSupplemented():
                self._supplement(inbound.data)
            case ActivitySubmitted():
                self._links(inbound.data, inbound.document["data"])
            case ProviderApplied():
                self._others(inbound.document["data"])
            case _ if inbound.type not in KINDS:
                self.unchecked.append(STATE)

    def _remember(self, document: Mapping[str, Any]) -> None:
        """Keep what tells which event it is, however wrong the rest of it."""
        kind, event_id = document.get("type"), document.get("id")
        self._type = EventType(kind) if isinstance(kind, str) and kind in list(EventType) else None
        self._event_id = event_id if isinstance(event_id, str) and ENVELOPE not in self.unchecked else None

    def _judge(self, kind: Kind, data: Mapping[str, Any], policy: Policy) -> None:
        self.findings = completeness.findings(kind, data, policy.completeness)

    def _others(self, data: Json) -> None:
        """Look whether the applicant is refused for looking like a provider that is known."""
        if self._app is None:
            self.unchecked.append(KNOWN)
            return
        provider = providers.of_application(data, "check")
        with self._app.database.reading() as connection:
            found = duplicates.alike(connection, provider, self._policy)
        duplicates.refuse(found, provider, self._policy)

    def _links(self, submitted: ActivitySubmitted, data: Json) -> None:
        if self._app is None:
            self.unchecked.append(ADMISSION)
            self.unchecked += [EARLIER] if submitted.previous_case is not None else []
            return
        with self._app.database.reading() as connection:
            now = self._app.clock.now()
            provider = opening.admitted(connection, submitted.provider_kvk, received_on(now), now)
            former = opening.earlier_round(connection, submitted.previous_case, provider)
            key, today = likeness.content_key(data), received_on(now)
            activity = duplicates.Submitted(provider.id, key, submitted.previous_case, today)
            twin = duplicates.twin(connection, activity)
        repairing.check(self._app, former, today)
        duplicates.refuse_twin(twin, self._policy)

    def _supplement(self, given: CaseSupplemented) -> None:
        """Judge the submission as it would be after a supplement, under the rules of its receipt."""
        if self._app is None:
            self.unchecked.append(CASE)
            return
        case = _waiting(self._app, given.case)
        merged = supplemented(opening.SUBMITTED[case.kind], case.data, given.changes)
        self._judge(case.kind, merged, self._app.policy_of(case.policy_version))

    def _told(self, status: str, refusal: Refused | None = None) -> Json:
        found = self.findings or ()
        return {
            "event_id": self._event_id,
            "type": None if self._type is None else self._type.value,
            "status": status,
            "refusal": None if refusal is None else self._refusal(refusal),
            "findings": [_finding(one) for one in found],
            "unchecked": self.unchecked,
        }

    def _refusal(self, refusal: Refused) -> Json:
        address, event_type = self._policy.register_.address, None if self._type is None else self._type.value
        return {
            "rule": refusal.rule,
            "field": refusal.field,
            "expected": refusal.expected,
            "got": refusal.got,
            "sentence": words.advice(refusal.rule, refusal.field, event_type, address, refusal.got),
        }


# Around the data alone, so that it is read as an event's.
_ENVELOPE: Final = {"specversion": "1.0", "id": "check", "source": "check", "time": "2000-01-01T00:00:00Z"}


def _type_of_data(document: Mapping[str, Any]) -> EventType | None:
    """Return the type of an event of which this is the data; None of what looks like an event."""
    if document.keys() & {"specversion", "type", "data"}:
        return None
    if "activity" in document:
        return EventType.ACTIVITY_SUBMITTED
    if "provider" in document or "requirements" in document:
        return EventType.PROVIDER_APPLIED
    return EventType.CASE_SUPPLEMENTED if "changes" in document else None


def _waiting(app: App, number: str) -> rows.Case:
    with app.database.reading() as connection:
        case = one_of(connection, rows.Case, tables.cases.c.number == number)
    if case is None:
        raise Refused("case_unknown", "case", "the number of a case", number)
    if case.state is not State.INCOMPLETE:
        raise Refused("not_asked", "case", "a case that waits for a supplement", case.state.value)
    return case


def _finding(found: Finding) -> Json:
    assert found.by is not None  # rules found it
    return {
        "field": found.field,
        "label": words.label(found.field),
        "id": found.by.id,
        "rule": found.rule,
        "severity": found.by.severity,
        "minimum": found.minimum,
        "got": found.got,
        "sentence": words.satisfying(found),
        "ground": found.by.ground,
    }
