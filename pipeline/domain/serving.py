"""Which of the waiting cases can get all the reviewers that they need, the most urgent first.

A case gets as many different reviewers as it needs, or none. That is more than one flow can say; but once a
more urgent case is never passed over for others, it is a question for each in turn: whether it fits in beside
those that do. Then reviewers of theirs may still be exchanged, along a path that ends with one who has room.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.domain.eligibility import places


@dataclass(frozen=True)
class Wish:
    """What one case needs: so many different reviewers of a set."""

    able: int
    count: int


@dataclass
class _Table:
    """Who sits where for the time being.

    Attributes:
        taken: for each case the set of the reviewers that it has.
        held: for each reviewer the cases that they have.
        free: the set of the reviewers with room.
        gone: those through whom nobody can get anything any more.
        tight: sets of reviewers that all of them together cannot hold so many places more, whoever wants them.
        done: the changes since the last case was seated, to be undone.
    """

    wishes: Sequence[Wish]
    room: list[int]
    taken: list[int]
    held: list[set[int]]
    free: int
    gone: int = 0
    tight: list[tuple[int, int]] = field(default_factory=list)
    done: list[tuple[int, int, int | None]] = field(default_factory=list)

    def give(self, case: int, reviewer: int, instead_of: int | None) -> None:
        """Let a case have a reviewer, for another or besides those it has."""
        if instead_of is not None:
            self.taken[case] ^= 1 << instead_of
            self.held[instead_of].discard(case)
            self._make_room(instead_of, 1)
        self.taken[case] |= 1 << reviewer
        self.held[reviewer].add(case)
        self._make_room(reviewer, -1)
        self.done.append((case, reviewer, instead_of))

    def undo(self) -> None:
        """Take back all that was given since the last case was seated."""
        for case, reviewer, instead_of in reversed(self.done):
            self.taken[case] ^= 1 << reviewer
            self.held[reviewer].discard(case)
            self._make_room(reviewer, 1)
            if instead_of is not None:
                self.taken[case] |= 1 << instead_of
                self.held[instead_of].add(case)
                self._make_room(instead_of, -1)
        self.done.clear()

    def _make_room(self, reviewer: int, more: int) -> None:
        self.room[reviewer] += more
        bit = 1 << reviewer
        self.free = self.free | bit if self.room[reviewer] > 0 else self.free & ~bit


def served(wishes: Sequence[Wish], room: Iterable[int]) -> list[bool]:
    """Say of each case, the most urgent first, whether it gets its reviewers.

    Args:
        room: for each reviewer how many more cases they can take.
    """
    left = list(room)
    table = _Table(
        wishes,
        left,
        [0] * len(wishes),
        [set() for _ in left],
        sum(1 << place for place, count in enumerate(left) if count > 0),
    )
    return [_seat(table, case) for case in range(len(wishes))]


def _seat(table: _Table, case: int) -> bool:
    """Let a case have all it needs, or nothing."""
    wish = table.wishes[case]
    usable = wish.able & ~table.gone
    if usable.bit_count() < wish.count or _is_hopeless(table, usable, wish.count):
        return False
    for count in range(wish.count):
        if (closed := _add(table, case)) is not None:
            _learn(table, closed, count)
            table.undo()
            return False
    table.done.clear()
    return True


def _is_hopeless(table: _Table, usable: int, count: int) -> bool:
    return any(count > most and not usable & ~those for those, most in table.tight)


def _learn(table: _Table, closed: int, had: int) -> None:
    """Keep that these reviewers, as they now sit, hold no more than what this case had of them."""
    if had == 0:
        table.gone |= closed
    else:
        table.tight.append((closed, had))


def _add(table: _Table, case: int) -> int | None:
    """Let a case have one reviewer more, whatever has to be exchanged; else return who was in reach, all full."""
    seen = table.wishes[case].able & ~table.taken[case] & ~table.gone
    came_by: dict[int, tuple[int, int]] = {}  # to a reviewer: whose case could go over to them, and which
    if ready := seen & table.free:
        _pass_on(table, case, next(places(ready)), came_by)
        return None
    waiting = deque(places(seen))
    while waiting:
        reviewer = waiting.popleft()
        for other in sorted(table.held[reviewer]):
            anew = table.wishes[other].able & ~table.taken[other] & ~table.gone & ~seen
            came_by.update(dict.fromkeys(places(anew), (reviewer, other)))
            if ready := anew & table.free:
                _pass_on(table, case, next(places(ready)), came_by)
                return None
            seen |= anew
            waiting.extend(places(anew))
    return seen


def _pass_on(table: _Table, case: int, last: int, came_by: dict[int, tuple[int, int]]) -> None:
    """Exchange along the path: each case on it goes over to the next reviewer, and so makes room."""
    while last in came_by:
        reviewer, other = came_by[last]
        table.give(other, last, reviewer)
        last = reviewer
    table.give(case, last, None)
