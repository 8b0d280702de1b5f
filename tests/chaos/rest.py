"""Rest: nothing queued or in hand, and no row that the machinery has yet to look at."""

from __future__ import annotations

from typing import Final

import redis
from sqlalchemy import func, select

from pipeline.broker.queues import QUEUES
from pipeline.contract import NAMESPACE
from pipeline.store.engines import Database
from pipeline.store.tables import cases, events, letters
from pipeline.wiring import App

TABLES: Final = {"cases": cases, "letters": letters, "events": events}


def unrest(app: App, queues: redis.Redis) -> list[str]:
    """Return what is still under way, the queues first: what leaves them has been written by then.

    Raises:
        Unreachable: the database does not answer.
        redis.RedisError: Redis does not.
    """
    return [*_queued(queues), *pending(app.database), *_due(app)]


def pending(database: Database) -> list[str]:
    """Return how many rows of which table the machinery has yet to look at."""
    found = []
    with database.reading() as connection:
        for name, table in TABLES.items():
            waits = select(func.count()).where(table.c.retry_at.is_not(None)).select_from(table)
            if number := connection.execute(waits).scalar_one():
                found.append(f"{number} {name} with a step to go")
    return found


def _queued(queues: redis.Redis) -> list[str]:
    found = []
    for queue in QUEUES:
        name = f"{NAMESPACE}:{queue}"
        number = max(queues.hlen(f"{name}.msgs"), queues.llen(name))
        unacked = sum(queues.scard(key) for key in queues.keys(f"{NAMESPACE}:__acks__.*.{queue}"))
        if number or unacked:
            found.append(f"{number} messages on {queue}, {unacked} of them not acknowledged")
    return found


def _due(app: App) -> list[str]:
    """What falls due by the home's clock later is business, not unrest; what is due now is not."""
    due = select(func.count()).select_from(cases).where(cases.c.wake_at <= app.clock.now())
    with app.database.reading() as connection:
        number = connection.execute(due).scalar_one()
    return [f"{number} cases with something due"] if number else []
