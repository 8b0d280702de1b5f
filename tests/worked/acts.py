"""What people do in a document, done in a home: through the doors by which the real ones come in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from pipeline.casework import annulling, deciding, extending, overview, reviewing, rounds, signing
from pipeline.contract import merge_patch
from pipeline.domain.criteria import CRITERIA
from pipeline.domain.hours import Hours
from pipeline.domain.lifecycle import Kind
from pipeline.domain.verdicts import Verdict
from pipeline.mail import words
from tests.casework.events import at, event, take_in
from tests.stages import System
from tests.worked.documents import NOTHING, Line, Story, Table, day_of

PROVIDER_KVK: Final = "90000102"
_ZONE: Final = ZoneInfo("Europe/Amsterdam")
_VERDICTS: Final = {"keurt goed": "approve", "keurt tijdelijk af": "defer", "keurt af": "reject"}
_VALUES: Final = {  # of fields that take one of a list, as the form words them
    "activity.type": {"opleiding": "programme", "cursus": "course", "studiedag": "study_day"},
    "activity.category": {"vakinhoudelijk": "subject", "didactisch": "didactic", "algemeen": "general"},
    "activity.closing_test.kind": {"tentamen": "exam", "toets": "test", "opdracht": "assignment"},
}
_PATHS: Final = {name: path for path, name in words.tables()["field"].items() if "." in path}


@dataclass
class Play:
    """A story as far as it has come.

    Attributes:
        number: of the case that it is about now; the last one that was opened.
        subject: of the last one that is no objection.
        refused: the rule by which the last event was refused; empty where none was.
        seen: how many letters the home had sent before the last line.
    """

    home: System
    story: Story
    number: str = ""
    subject: str = ""
    refused: str = ""
    seen: int = 0
    _done: int = 0
    _case: dict[str, Any] | None = None

    def take(self, line: Line) -> None:
        """Let a line happen, and the home come to rest."""
        self._done += 1
        moment = datetime.combine(line.day, time(9), _ZONE) + timedelta(minutes=10 * self._done)
        self.seen, self.refused, self._case = len(self.home.mailer.sent), "", None
        at(self.home, moment.isoformat())
        self._act(line, moment)
        self.home.stage.rest()
        assert self.home.stage.errors == []

    def _act(self, line: Line, moment: datetime) -> None:
        for pattern, act in _ACTS:
            if found := re.fullmatch(pattern, line.does, re.DOTALL):
                act(self, line.who, moment, **found.groupdict())
                return
        assert line.does == NOTHING, f"nobody knows how to do this: {line.does}"
        self.home.stage.ring()

    @property
    def case(self) -> dict[str, Any]:
        """All there is about the case, as operators see it; read once after each line."""
        if self._case is None:
            self._case = overview.case(self.home.app, self.number)
        return self._case

    def send(self, moment: datetime, kind: str, data: Mapping[str, Any]) -> None:
        """Drop an event of the portal or of the reviewers' desk."""
        source = "/reviewers-desk" if kind.startswith("review") else "/portal"
        made = event("act-02", id=f"event-{self._done}", time=moment.isoformat(), source=source)
        made |= {"type": f"nl.registerleraar.{kind}.v1", "data": data}
        outcome = take_in(self.home, made)
        self.refused = outcome.refusal.rule if outcome.refusal else ""
        if kind in _OPENING and outcome.case:
            self.number = outcome.case
            self.subject = self.subject if kind == "case.objected" else outcome.case


_OPENING: Final = ("provider.applied", "activity.submitted", "case.objected")
Act = Callable[..., None]


def let_review(home: System, listed: Table) -> None:
    """Let these be the reviewers: of whom all is known, but for what a document says is not."""
    lines = [",".join([*reviewing.COLUMNS, *reviewing.OPTIONAL]), *map(_reviewer, listed)]
    wanted = reviewing.read_list("\n".join(lines) + "\n")
    reviewing.carry_out(home.app, reviewing.plan(home.app, wanted))
    home.stage.rest()


def _reviewer(cells: Sequence[str]) -> str:
    name, sectors, categories, capacity, special = cells
    kinds = _VALUES["activity.category"]
    judged = " ".join(kinds[one] for one in categories.split(", "))
    domain = "rekenrijk" if "e-mailadres bij de aanbieder" in special else "school"
    employer = PROVIDER_KVK if "werkt bij de aanbieder" in special else "-"
    earlier = PROVIDER_KVK if "werkte bij de aanbieder" in special else "-"
    interest = PROVIDER_KVK if "belang in de aanbieder" in special else "-"
    if "verleden en belangen niet bekend" in special:
        earlier = interest = ""
    away = re.search(r"afwezig (.+) t/m (.+)", special)
    days = [day_of(one).isoformat() for one in away.groups()] if away else ["", ""]
    address = f"{name.lower()}@{domain}.example"
    known = [name.lower(), name, address, sectors.replace(",", ""), judged, "School", employer, capacity]
    return ",".join([*known, *days, earlier, interest])


def filled_in(form: Mapping[str, str]) -> dict[str, Any]:
    """Return the data of an event from what a form says, by the names of its fields."""
    data: dict[str, Any] = {}
    for name, said in form.items():
        path = _PATHS[name]
        value: Any = _value(path, said)
        for part in reversed(path.split(".")):
            value = {part: value}
        data = merge_patch(data, value) if value is not None else data
        if said == NOTHING:
            _put_nothing(data, path.split("."))
    return data


def _put_nothing(data: dict[str, Any], way: list[str]) -> None:
    for part in way[:-1]:
        data = data.setdefault(part, {})
    data[way[-1]] = None


def _value(path: str, said: str) -> Any:
    if said == NOTHING:
        return None
    if path.startswith("requirements."):
        met, _, evidence = said.partition(": ")
        return {"met": met == "ja", "evidence": evidence or None}
    if path == "activity.sectors":
        return said.split(", ")
    if path == "activity.runs":
        first, last = map(day_of, said.split(" t/m "))
        return [{"starts_on": first.isoformat(), "ends_on": last.isoformat(), "city": "Zwolle"}]
    if path in ("activity.hours.contact", "activity.hours.self_study"):
        return said.replace(",", ".")
    return _VALUES.get(path, {}).get(said, said)


def _form(play: Play, part: str) -> Mapping[str, str]:
    return {name: said for name, said in play.story.form.items() if _PATHS[name].split(".")[0] in part}


def _submits(play: Play, who: str, moment: datetime) -> None:
    _submit(play, moment, None)


def _submits_another(play: Play, who: str, moment: datetime) -> None:
    """Submit it for another group: the very same once more would be a duplicate."""
    _submit(play, moment, None, evaluation="Zelfde opzet, tweede groep: zie de eerdere aanvraag.")


def _resubmits(play: Play, who: str, moment: datetime) -> None:
    _submit(play, moment, play.number)


def _submit(play: Play, moment: datetime, previous: str | None, **other: str) -> None:
    given = merge_patch(filled_in(_form(play, "activity")), {"activity": other})
    sent = {"provider_kvk": PROVIDER_KVK, "previous_case": previous, **given}
    play.send(moment, "activity.submitted", sent)


def _applies(play: Play, who: str, moment: datetime) -> None:
    play.send(moment, "provider.applied", filled_in(_form(play, "provider requirements")))


def _supplements(play: Play, who: str, moment: datetime, changes: str) -> None:
    said = dict(one.split(" = ") for one in changes.split("; "))
    play.send(moment, "case.supplemented", {"case": play.number, "changes": filled_in(said)})


def _objects(play: Play, who: str, moment: datetime, about: str, grounds: str) -> None:
    told = {"het besluit": "decision", "de uren": "hours"}[about]
    play.send(moment, "case.objected", {"case": play.subject, "about": told, "grounds": grounds})


def _judges(
    play: Play, who: str, moment: datetime, said: str, hours: str | None, scores: str | None, why: str | None
) -> None:
    given = {
        "case": play.number,
        "reviewer": who.lower(),
        "verdict": _VERDICTS[said],
        "hours": _hours(hours).as_text() if hours else None,
        "scores": _scores(play, scores),
        "motivation": why,
    }
    play.send(moment, "review.given", given)


def _scores(play: Play, said: str | None) -> dict[str, int]:
    """Return a 3 for each criterion, but for those that are named."""
    kind = Kind.ADMISSION if play.number.startswith("T") else Kind.ACTIVITY
    named = dict(one.rsplit(" ", 1) for one in (said or "").split(", ") if one)
    otherwise = {
        _PATHS[f"score voor {name}"].removeprefix("scores."): int(one) for name, one in named.items()
    }
    return {**dict.fromkeys(CRITERIA[kind], 3), **otherwise}


def _hours(said: str) -> Hours:
    contact, self_study = said.replace(",", ".").split(" + ")
    return Hours.from_text({"contact": contact, "self_study": self_study})


def _gives_back(play: Play, who: str, moment: datetime) -> None:
    given = {"case": play.number, "reviewer": who.lower(), "verdict": "recuse", "hours": None}
    play.send(moment, "review.given", {**given, "scores": {}, "motivation": None})


def _annuls(play: Play, who: str, moment: datetime, reviewer: str, why: str) -> None:
    annulling.annul(play.home.app, play.number, reviewer.lower(), why, who)


def _signs(play: Play, who: str, moment: datetime) -> None:
    signing.sign(play.home.app, play.number, who)


def _signs_not(play: Play, who: str, moment: datetime, why: str) -> None:
    signing.refuse(play.home.app, play.number, who, why)


def _decides(play: Play, who: str, moment: datetime, said: str, hours: str | None, why: str) -> None:
    decided = Verdict(who, _VERDICTS[said], _hours(hours) if hours else None, why)
    deciding.decide(play.home.app, play.number, decided)


def _accepts(play: Play, who: str, moment: datetime, why: str) -> None:
    rounds.settle(play.home.app, play.number, "accept", why, who)


def _extends(play: Play, who: str, moment: datetime, to: str, why: str) -> None:
    extending.extend(play.home.app, play.number, day_of(to), why, who)


_SAYS: Final = r"(?P<said>keurt goed|keurt tijdelijk af|keurt af)(?:, (?P<hours>[\d,]+ \+ [\d,]+) uur)?"
_ACTS: Final[tuple[tuple[str, Act], ...]] = (
    (r"dient de aanvraag in", _submits),
    (r"dient nog een aanvraag in", _submits_another),
    (r"dient opnieuw in", _resubmits),
    (r"vraagt toelating aan", _applies),
    (r"vult aan: (?P<changes>.+)", _supplements),
    (r"maakt bezwaar tegen (?P<about>het besluit|de uren): (?P<grounds>.+)", _objects),
    (rf"{_SAYS}(?: \(score voor (?P<scores>[^)]+)\))?(?:: (?P<why>.+))?", _judges),
    (r"geeft de zaak terug", _gives_back),
    (r"verklaart het oordeel van (?P<reviewer>\w+) ongeldig: (?P<why>.+)", _annuls),
    (r"tekent", _signs),
    (r"tekent niet: (?P<why>.+)", _signs_not),
    (rf"beslist: {_SAYS}: (?P<why>.+)", _decides),
    (r"neemt de aanvraag zoals die is: (?P<why>.+)", _accepts),
    (r"verlengt de termijn tot (?P<to>[^:]+): (?P<why>.+)", _extends),
)
