"""The queues, which actor listens on which, and how to ring one."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import dramatiq
import redis
from dramatiq.errors import BrokerConnectionError

from pipeline import contract

INTAKE: Final = contract.QUEUE
CASES: Final = "cases"
LOGOS: Final = "logos"
LETTERS: Final = "letters"
QUEUES: Final = (INTAKE, CASES, LOGOS, LETTERS)

RECEIVE: Final = contract.ACTOR  # the one actor that other programs may call
ACTORS: Final[Mapping[str, str]] = MappingProxyType(
    {
        RECEIVE: INTAKE,
        "take_in": INTAKE,
        "check_completeness": CASES,
        "assign_reviewers": CASES,
        "decide": CASES,
        "follow_letters": CASES,
        "remind": CASES,
        "draw_logo": LOGOS,
        "dispatch": LETTERS,
    }
)

AGAIN: Final = "again"  # the second word of a hint that is not the first about the same

_log = logging.getLogger(__name__)


def ring(broker: dramatiq.Broker, actor: str, *args: str | int) -> bool:
    """Hint to ``actor`` that what ``args`` identify wants looking at; False when Redis did not take it.

    Never raises for a Redis that is away: the hint is lost, and whoever wanted it rings again
    because the database still says so.

    Raises:
        KeyError: there is no such actor.
    """
    message = dramatiq.Message[None](ACTORS[actor], actor, args, {}, {})
    try:
        broker.enqueue(message)
    except (redis.RedisError, BrokerConnectionError) as error:
        _log.warning("Redis did not take the hint %s: %s", message, error)
        return False
    return True
