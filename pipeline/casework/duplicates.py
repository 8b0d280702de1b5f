"""What looks like something that is there: it is refused, or a named human is asked; the policy says which."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Date, and_, bindparam, exists, or_, select

from pipeline.casework import correspondence, providers
from pipeline.casework.draft import Draft
from pipeline.casework.registered import in_force
from pipeline.contract import received_on
from pipeline.domain import likeness
from pipeline.domain.lifecycle import Kind, Result, State
from pipeline.domain.likeness import Identity, Trait
from pipeline.domain.policy import Policy
from pipeline.domain.registrations import Status
from pipeline.errors import Refused
from pipeline.mail.words import word
from pipeline.store import rows, tables
from pipeline.store.prepared import Prepared
from pipeline.store.reading import WANTED, records
from pipeline.store.unit import Unless

ASKED: Final = (
    "duplicate of "  # a flag of a case: before the number of the other one, which nobody settled yet
)
SETTLED: Final[Mapping[str, str]] = {"same": "same as ", "different": "other than "}
TASK: Final = "duplicate"
MOST: Final = 5  # others that are told of for each likeness: at one domain there may be hundreds

# By trait: the rule that refuses an application, the field that it is about, and what would be accepted.
_REFUSALS: Final[Mapping[Trait, tuple[str, str, str]]] = {
    Trait.KVK: ("known_kvk", "provider.kvk_number", "a KvK number that no other provider here has or had"),
    Trait.NAME_POSTCODE: ("known_name", "provider.name", "a name and postcode that no other provider has"),
    Trait.MAIL_DOMAIN: ("known_domain", "provider.contact.email", "an address at no other provider's domain"),
}


@dataclass(frozen=True)
class Likeness:
    """Another provider that looks like the same.

    Attributes:
        number: of the case by which it was admitted, or in which it asks to be.
    """

    provider: rows.Provider
    number: str
    traits: tuple[Trait, ...]


def alike(connection: Connection, provider: rows.Provider, policy: Policy) -> list[Likeness]:
    """Return the other providers that look like this one: those that are or were admitted, or ask to be."""
    one = _identity(provider, providers.numbers_of(connection, provider.id), policy)
    found = _candidates(connection, one, provider.id)
    ids = [other.id for other in found]
    kvks, numbers = providers.numbers_of_each(connection, ids), providers.case_of_each(connection, found)
    compared = [
        (other, likeness.in_common(one, _identity(other, kvks[other.id], policy)))
        for other in found
        if other.id in numbers
    ]
    return sorted(
        (Likeness(other, numbers[other.id], traits) for other, traits in compared if traits),
        key=lambda each: each.number,
    )


def _identity(provider: rows.Provider, kvks: frozenset[str], policy: Policy) -> Identity:
    domain = provider.mail_domain or ""
    public = {one.casefold() for one in policy.assigning.public_domains}
    numbers = kvks | ({provider.kvk} if provider.kvk else frozenset())
    return Identity(numbers, provider.name_key, provider.postcode_key, "" if domain in public else domain)


def _candidates(connection: Connection, one: Identity, own_id: str) -> list[rows.Provider]:
    """Return who may look like a provider: of each likeness only some, since they are told of side by side."""
    found: dict[str, rows.Provider] = {}
    for same in _likenesses(one):
        query = WANTED[rows.Provider].where(same, *_counting(own_id)).order_by(tables.providers.c.id)
        each = records(rows.Provider, connection.execute(query.limit(MOST)))
        found |= {other.id: other for other in each}
    return list(found.values())


def _likenesses(one: Identity) -> Iterator[ColumnElement[bool]]:
    table, history = tables.providers, tables.provider_kvks
    yield table.c.id.in_(select(history.c.provider_id).where(history.c.kvk.in_(one.kvks)))
    if one.postcode:
        yield and_(table.c.name_key == one.name, table.c.postcode_key == one.postcode)
    if one.mail_domain:
        yield table.c.mail_domain == one.mail_domain


def _counting(own_id: str) -> tuple[ColumnElement[bool], ...]:
    table, cases = tables.providers, tables.cases
    asks = select(cases.c.provider_id).where(cases.c.kind == Kind.ADMISSION, cases.c.state != State.CLOSED)
    counts = or_(table.c.admitted_at.is_not(None), table.c.id.in_(asks))
    return table.c.id != own_id, table.c.merged_into.is_(None), counts


def refuse(found: Sequence[Likeness], provider: rows.Provider, policy: Policy) -> None:
    """Refuse an application where the policy says so; of the other provider nothing is told.

    Raises:
        Refused: names the surest thing that both have, as it stands in the application.
    """
    traits = {trait for each in found for trait in each.traits}
    for trait in likeness.answered(traits, policy.duplicates, "refuse"):
        rule, field, expected = _REFUSALS[trait]
        came = {
            Trait.KVK: provider.kvk,
            Trait.NAME_POSTCODE: provider.name,
            Trait.MAIL_DOMAIN: provider.email,
        }
        raise Refused(rule, field, expected, came[trait])


def ask(draft: Draft, found: Sequence[Likeness]) -> None:
    """Flag an application that looks like another's where the policy says so, and ask a named human."""
    rules = draft.policy.duplicates
    told = [(each, likeness.answered(each.traits, rules, "ask")) for each in found]
    new = {each.number: asked for each, asked in told if asked and not _is_known(draft.case, each.number)}
    if not new:
        return
    _flag(draft, new)
    detail = " ".join(_in_dutch(each, asked) for each, asked in told if asked)
    with draft.app.database.reading() as connection:
        others = [each.provider for each, _ in told]
        compared = side_by_side(connection, draft.case.number, draft.dossier.provider, others)
    _tell(draft, detail, compared)


def _flag(draft: Draft, found: Mapping[str, Collection[str]]) -> None:
    draft.set(flags=[*draft.case.flags, *(ASKED + number for number in found)])
    draft.note("looks_alike", others={number: list(traits) for number, traits in found.items()})


def _tell(draft: Draft, detail: str, compared: Sequence[tuple[str, ...]]) -> None:
    known = next((task for task in draft.dossier.tasks if task.kind == TASK), None)
    if known is None:
        correspondence.to_owner(draft, "duplicate", detail, more={"compared": compared})
    elif known.detail != detail:
        draft.keep("tasks", replace(known, detail=detail))


def _is_known(case: rows.Case, number: str) -> bool:
    return any(said + number in case.flags for said in (ASKED, *SETTLED.values()))


def _in_dutch(each: Likeness, traits: Sequence[Trait]) -> str:
    what = ", ".join(word(trait, "trait") for trait in traits)
    return f"Lijkt op {each.number} ({each.provider.name}): {what}."


def side_by_side(
    connection: Connection, number: str, provider: rows.Provider, others: Sequence[rows.Provider]
) -> list[tuple[str, ...]]:
    """Return what tells providers apart: of each row its key, and what each of them has there.

    Args:
        number: of the provider's own application, which may not be written yet.
    """
    each = [provider, *others]
    kvks = providers.numbers_of_each(connection, [one.id for one in each])
    numbers = providers.case_of_each(connection, each)
    return [
        ("case", *(numbers.get(one.id, number) for one in each)),
        ("name", *(one.name for one in each)),
        ("kvk_numbers", *(", ".join(sorted(kvks[one.id] or {one.kvk or "–"})) for one in each)),
        ("postcode", *(one.postcode_key or "–" for one in each)),
        ("mail_domain", *(one.mail_domain or "–" for one in each)),
        ("admitted_on", *(str(received_on(one.admitted_at)) if one.admitted_at else "–" for one in each)),
    ]


def twin(connection: Connection, submitted: Submitted) -> str | None:
    """Return the number of another case with the same activity of this provider; of several the first.

    One that came to nothing does not count, nor does one whose registration is over: it may be submitted
    anew. Nor does the round that is named as the one before.
    """
    found = _TWIN.row(connection, submitted.given())
    return None if found is None else str(found[0])


def no_twin(submitted: Submitted) -> Unless:
    """Return what keeps a case from being opened beside its twin by somebody who did not see that yet."""
    return Unless("cases", _TWIN, submitted.given())


@dataclass(frozen=True)
class Submitted:
    """An activity that is submitted, as its twin is looked for.

    Attributes:
        key: of its content.
        before: number of the earlier round that it names.
        on: the day of receipt.
    """

    provider_id: str
    key: str
    before: str | None
    on: date

    def given(self) -> dict[str, Any]:
        """Return the parameters of the query."""
        return {"provider": self.provider_id, "content": self.key, "before": self.before or "", "on": self.on}


_CASES: Final = tables.cases
_VERSIONS: Final = tables.registrations
_STANDS: Final = exists().where(
    _VERSIONS.c.number == _CASES.c.registration_number,
    or_(_VERSIONS.c.state == Status.PENDING, in_force(bindparam("on", type_=Date()))),
)
_COUNTS: Final = or_(_CASES.c.result.is_(None), and_(_CASES.c.result == Result.GRANTED, _STANDS))
_TWIN: Final = Prepared(
    select(_CASES.c.number)
    .where(_CASES.c.content_key == bindparam("content"), _CASES.c.provider_id == bindparam("provider"))
    .where(_COUNTS, _CASES.c.number != bindparam("before"))
    .order_by(_CASES.c.number)
)


def refuse_twin(number: str | None, policy: Policy) -> None:
    """Refuse an activity that its provider has submitted already, where the policy says so.

    Raises:
        Refused: names the case, which is the provider's own.
    """
    if number is not None and policy.duplicates.activity == "refuse":
        raise Refused("same_activity", "activity", "an activity that is not in a case yet", number)


def ask_about_twin(draft: Draft, number: str | None) -> None:
    """Flag an activity that its provider has submitted already where the policy says so, and ask a named human."""
    if number is not None and draft.policy.duplicates.activity == "ask":
        _flag(draft, {number: ["activity"]})
        correspondence.to_owner(draft, "duplicate", f"Heeft dezelfde titel en inhoud als {number}.")
