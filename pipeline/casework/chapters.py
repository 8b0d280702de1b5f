"""The dossier of a case in chapters: what was sent in, asked, judged, decided and told, and how its term ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pipeline.casework import calendars_on_paper, registrations_on_paper, retelling, submission_on_paper
from pipeline.casework.amounts_on_paper import grouped, hours_told
from pipeline.casework.dossier import Dossier, hours_asked
from pipeline.casework.naming import Names
from pipeline.domain import completeness
from pipeline.domain.criteria import CRITERIA
from pipeline.domain.lifecycle import RECIPIENTS, Event, Kind, State
from pipeline.domain.policy import Policy, Register
from pipeline.domain.terms import Day
from pipeline.logo.legible import shown
from pipeline.mail import dutch, words
from pipeline.paper.blocks import Block, Chapter, Facts, Heading, Note, Paper, Quote, Table
from pipeline.paper.words import word
from pipeline.store import rows

Json = Mapping[str, Any]

INTERN = (
    "Dit dossier noemt beoordelaars en medewerkers. "
    "Het is niet bedoeld voor de aanbieder of voor anderen buiten het register."
)
FOR_PROVIDER = "Dit dossier is bedoeld voor de aanbieder. Het noemt geen beoordelaars en geen medewerkers."


@dataclass(frozen=True)
class Sent:
    """A letter about the case; ``text`` of those to the provider."""

    letter: rows.Letter
    text: str


@dataclass(frozen=True)
class Record:
    """All that the dossier tells.

    Attributes:
        register: what it is called now.
        versions: of the submission, as ``pipeline versions`` tells them.
        former: number of the round before.
        happened: rows of the journal that are not erased, each with what it says.
        registrations: versions under the number of the case.
        objections: those about this case.
        days: of its term; none where the calendar does not reach.
        region: whose school holidays do not count.
        people: names of reviewers by id.
        today: the local day on which it is looked at.
    """

    known: Dossier
    policy: Policy
    register: Register
    versions: Sequence[Json]
    former: str | None
    happened: Sequence[tuple[rows.Entry, rows.Content]]
    sent: Sequence[Sent]
    registrations: Sequence[rows.Registration]
    objections: Sequence[rows.Case]
    days: Sequence[Day]
    region: str
    people: Mapping[str, str]
    today: date

    @property
    def case(self) -> rows.Case:
        """Return the case itself."""
        return self.known.case


def dossier(record: Record, names: Names, made: str) -> Paper:
    """Return the dossier as a document.

    Args:
        made: when, in words.
    """
    case, register = record.case, record.register
    return Paper(
        kind="Dossier",
        number=case.number,
        title=shown(
            f"{case.title}\n{record.known.provider.name}" if case.kind is not Kind.ADMISSION else case.title
        ),
        house=shown(f"{register.name} · {register.organisation}"),
        meant_for=FOR_PROVIDER if names.hidden else INTERN,
        meant_for_short="Voor de aanbieder" if names.hidden else "Intern",
        made=made,
        facts=_facts(record),
        chapters=[
            submission_on_paper.chapter(record.known, record.former),
            *_versions(record),
            _asked(record, names),
            _judged(record, names),
            _decided(record, names),
            *registrations_on_paper.chapters(
                record.registrations, record.objections, record.happened, names, record.today
            ),
            calendars_on_paper.chapter(record.days, record.region),
            _told(record, names),
        ],
    )


def _facts(record: Record) -> Facts:
    case, decision = record.case, record.case.decision or {}
    asked = hours_asked(record.known.activity)
    return Facts(
        [
            ("Soort zaak", word(case.kind.value, "kind")),
            ("Aanbieder", shown(record.known.provider.name)),
            ("Toestand", word(case.state.value, "state")),
            ("Uitkomst", word(case.result.value, "result") if case.result else ""),
            ("Ontvangen", dutch.day(case.received_on)),
            ("Uiterlijk beslissen", dutch.day(case.due_on) if case.due_on else ""),
            ("Besloten", dutch.day(case.decided_on) if case.decided_on else ""),
            ("Besluit verstuurd", dutch.day(case.in_effect_on) if case.in_effect_on else ""),
            ("Uren gevraagd", hours_told(asked and asked.as_text())),
            ("Uren toegekend", hours_told(decision.get("hours")) if case.result else ""),
            ("Activiteitnummer", grouped(case.registration_number)),
            ("Regels", f"beleid {case.policy_version}"),
            *([("Gewist", dutch.day(case.erased_on))] if case.erased_on else []),
        ]
    )


def _versions(record: Record) -> list[Chapter]:
    """Return what each version changed; nothing where there is one."""
    if len(record.versions) < 2 and record.former is None:
        return []
    blocks: list[Block] = []
    for version in record.versions:
        blocks.append(Heading(f"Versie {version['version']}: {word(version['type'], 'event')}"))
        blocks.extend(_changes(version, record.former))
    return [Chapter("Versies van de aanvraag", blocks)]


def _changes(version: Json, former: str | None) -> list[Block]:
    taken_in = Note(f"In behandeling genomen op {dutch.dated(date.fromisoformat(version['taken_in_on']))}.")
    if version["changes"] is None:
        return [taken_in, Note("Wat erin stond, is gewist.")]
    if not version["changes"]:
        return [taken_in, Note("Zoals eerst ingediend." if version["version"] == 1 else "Niets veranderde.")]
    against = [Note(f"Vergeleken met de laatste versie in {former}:")] if version["version"] == 1 else []
    rows_ = [
        (words.label(one["field"]), _value(one["old"]), _value(one["new"])) for one in version["changes"]
    ]
    return [taken_in, *against, Table(("veld", "was", "werd"), rows_, (2, 3, 3))]


def _value(value: Any) -> str:
    return shown(submission_on_paper.told(value))


def _asked(record: Record, names: Names) -> Chapter:
    """Return what the provider was asked to complete, what was advice, and what a human chose."""
    case, requests = record.case, record.known.requests
    blocks: list[Block] = []
    if requests:
        blocks.append(
            Table(
                ("gevraagd op", "wat", "te beantwoorden t/m", "aangevuld op"),
                [
                    (
                        dutch.dated(one.asked_on) if one.asked_on else "",
                        ", ".join(words.label(each) for each in one.fields),
                        dutch.dated(one.answer_by),
                        dutch.dated(one.answered_on) if one.answered_on else "",
                    )
                    for one in requests
                ],
                (2, 4, 2, 2),
            )
        )
    else:
        blocks.append(
            Note(
                "Er is niets gevraagd."
                if case.kind is Kind.OBJECTION
                else "De aanvraag was compleet: er is niets gevraagd."
            )
        )
    blocks += [*_reasons(record, names, _CHOICES), *_advice(record)]
    return Chapter("Gevraagd", blocks)


_CHOICES: Final = {
    Event.ASKED_ONCE_MORE: "Na de laatste ronde nog eens gevraagd",
    Event.TAKEN_AS_IT_IS: "Na de laatste ronde genomen zoals die was",
    Event.SET_ASIDE: "Na de laatste ronde buiten behandeling gelaten",
}
_ON_THE_WAY: Final = {
    Event.TAKEN_OVER: "Overgenomen door de registercommissie",
    Event.SIGN_OFF_REFUSED: "Niet getekend",
}


def _reasons(record: Record, names: Names, events: Mapping[Event, str]) -> list[Block]:
    """Return what a human chose on the way, each with who did and why."""
    return [
        Quote(
            _by(events[Event(entry.event)], names.human(content.by)),
            shown(str(content.facts.get("reason", ""))),
        )
        for entry, content in record.happened
        if entry.event in events
    ]


def _by(said: str, who: str) -> str:
    return shown(f"{said}, {who}" if who else said)


def _advice(record: Record) -> list[Block]:
    case = record.case
    if case.kind is Kind.OBJECTION or case.erased_on:
        return []
    found = completeness.findings(case.kind, case.data, record.policy.completeness)
    missing = [] if case.state in (State.RECEIVED, State.INCOMPLETE) else completeness.musts(found)
    told = [
        *(("Ontbreekt nog", one) for one in missing),
        *(("Advies", one) for one in completeness.shoulds(found)),
    ]
    if not told:
        return []
    rows_ = [(kind, words.label(one.field), words.satisfying(one)) for kind, one in told]
    return [Heading("Advies aan de aanbieder"), Table(("", "veld", "wat"), rows_, (2, 3, 6))]


def _judged(record: Record, names: Names) -> Chapter:
    """Return who was asked, and each verdict with its scores and motivation."""
    known = record.known
    if not known.assignments:
        return Chapter("Beoordeling", [Note("Niemand is om een oordeel gevraagd.")])
    asked = [
        (
            names.reviewer(one.reviewer_id),
            dutch.dated(one.asked_on),
            dutch.dated(one.review_by),
            word(one.state, "assignment"),
        )
        for one in known.assignments
    ]
    head = ("beoordelaar", "gevraagd op", "te beoordelen t/m", "stand")
    blocks: list[Block] = [Table(head, asked, (4, 2, 2, 3))]
    for one in known.verdicts:
        blocks += _verdict(record, one, names)
    return Chapter("Beoordeling", blocks)


def _verdict(record: Record, one: rows.Verdict, names: Names) -> list[Block]:
    table = "verdict_on_objection" if record.case.kind is Kind.OBJECTION else "verdict"
    said = word(one.verdict, table)
    blocks: list[Block] = [
        Heading(shown(f"{dutch.capital(names.reviewer(one.reviewer_id))}: {said}")),
        Facts([("Gegeven", dutch.moment(one.given_at)), ("Uren", hours_told(one.hours))]),
    ]
    if one.annulled_at is not None:
        by = names.human(one.annulled_by)
        when = f"Ongeldig verklaard op {dutch.dated(dutch.local_day(one.annulled_at))}, {by}; telt niet mee"
        blocks.append(Quote(when, shown(one.annulled_because or "")))
    if one.motivation:
        blocks.append(Quote("Motivering", shown(one.motivation)))
    if one.scores:
        blocks.append(_scores(record, one.scores))
    return blocks


def _scores(record: Record, scores: Mapping[str, int]) -> Table:
    kind = record.known.activity.kind
    criteria = record.policy.judging.criteria.of(kind)
    names = [name for name in CRITERIA[kind] if scores.get(name)]
    rows_ = []
    for name in names:
        anchors = criteria[name].anchors if name in criteria else []
        weight = str(criteria[name].weight) if name in criteria else "1"
        meaning = anchors[scores[name] - 1] if anchors else ""
        label = dutch.capital(words.label(f"scores.{name}").removeprefix("score voor "))
        rows_.append((label, str(scores[name]), weight, meaning))
    return Table(("criterium", "score", "gewicht", "wat die score betekent"), rows_, (4, 1, 1, 7))


def _decided(record: Record, names: Names) -> Chapter:
    """Return the decision and what it rests on."""
    case, decision = record.case, record.case.decision
    if not decision:
        said = (
            "Er is nog geen besluit."
            if case.result is None
            else "Dit volgt uit wat er gebeurde: er is niets gewogen."
        )
        return Chapter("Besluit", [Note(said), *_reasons(record, names, _ON_THE_WAY)])
    blocks: list[Block] = [Facts(_decision_facts(record, decision, names))]
    blocks += _reasons(record, names, _ON_THE_WAY)
    blocks += [Quote("Motivering in de brief", shown(one)) for one in decision.get("motivations") or ()]
    if amended := decision.get("amended"):
        told = "\n\n".join(amended["motivations"])
        blocks.append(Quote("Motivering van de beoordelaars, in de brief vervangen", shown(told)))
    if trail := decision.get("trail"):
        told_rows = retelling.rows(trail, names.reviewer)
        head = ("regel", "vergeleken", "beleid", "gevolg")
        blocks += [
            Heading("Hoe het is gewogen"),
            Table(head, [tuple(map(shown, one)) for one in told_rows], (3, 4, 4, 4)),
        ]
    return Chapter("Besluit", blocks)


def _decision_facts(record: Record, decision: Json, names: Names) -> list[tuple[str, str]]:
    case, differs = record.case, decision.get("differs")
    state = word(case.result.value, "result") if case.result else "voorgesteld; nog niet getekend"
    parts = {"contacturen": "contact", "zelfstudie": "self_study"}
    less = ", ".join(
        f"{name} {_signed(differs[part])}" for name, part in parts.items() if differs and differs[part] != "0"
    )
    return [
        ("Uitkomst", state),
        ("Gevraagd", hours_told(decision.get("asked"))),
        ("Toegekend", hours_told(decision.get("hours"))),
        ("Verschil", less),
        ("Gewogen score", f"{decision['score'].replace('.', ',')} van 4" if decision.get("score") else ""),
        ("Besloten door", shown(names.human(decision.get("by"))) or "de beoordelaars"),
        ("Getekend door", shown(names.human(decision.get("signed_by")))),
    ]


def _signed(amount: str) -> str:
    return f"−{amount[1:]}".replace(".", ",") if amount.startswith("-") else f"+{amount}".replace(".", ",")


def _told(record: Record, names: Names) -> Chapter:
    """Return the letters, with what those to the provider say."""
    meant = [one for one in record.sent if not names.hidden or RECIPIENTS.get(one.letter.kind) == "provider"]
    if not meant:
        return Chapter("Brieven", [Note("Er is nog geen brief geschreven.")])
    told = [
        (
            dutch.dated(dutch.local_day(one.letter.written_at)),
            word(one.letter.kind, "letter"),
            _recipient(one.letter, names),
            word(one.letter.state, "letter_state"),
            dutch.dated(one.letter.sent_on) if one.letter.sent_on else "",
        )
        for one in meant
    ]
    blocks: list[Block] = [Table(("geschreven", "brief", "aan", "stand", "verstuurd"), told, (3, 5, 4, 3, 3))]
    for one in meant:
        if one.text:
            when = dutch.dated(dutch.local_day(one.letter.written_at))
            blocks += [
                Heading(f"{dutch.capital(word(one.letter.kind, 'letter'))}, {when}"),
                Quote(shown(one.letter.subject), shown(one.text)),
            ]
    return Chapter("Brieven", blocks)


def _recipient(letter: rows.Letter, names: Names) -> str:
    to = word(RECIPIENTS.get(letter.kind, ""), "recipient")
    return shown(names.reviewer(letter.reviewer_id)) if letter.reviewer_id and not names.hidden else to
