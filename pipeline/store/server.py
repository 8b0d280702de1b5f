"""PostgreSQL as we use it: how many connections a process takes, and how long anything may last.

What is to last longer (a migration, a copy of everything) says so with ``unhurried``.
"""

from __future__ import annotations

import os
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, text

from pipeline.store.columns import as_json

CONNECTIONS: Final = 12  # at most, of one process: eight threads that work, and those that take from queues
CONNECT_SECONDS: Final = 5
WAIT_SECONDS: Final = 20.0  # for a connection of ours that is free
RECYCLE_SECONDS: Final = 1800  # before firewalls forget a connection
# A transaction of ours writes some rows by their keys. What lasts longer waits for somebody, and is
# broken off, rolled back and done again later.
LIMITS: Final = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}
# A server that is gone without a word is missed after about a minute, and within 20 seconds by who sends.
KEEPALIVES: Final = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds
}


def engine(url: URL, name: str, connections: int) -> Engine:
    """Return an engine on a server; opens nothing.

    Args:
        name: of the program, as ``pg_stat_activity`` shows it.
        connections: how many it takes at most; it opens one when it needs one more.
    """
    return create_engine(
        url,
        connect_args=arguments(url, name),
        json_serializer=as_json,
        hide_parameters=True,  # statements and their values, which may be addresses, belong in no log
        pool_size=connections,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        pool_recycle=RECYCLE_SECONDS,
        pool_pre_ping=True,
        pool_use_lifo=True,  # those that nobody needs grow old and are closed
    )


def arguments(url: URL, name: str) -> dict[str, Any]:
    """Return what a connection is asked for, as far as the URL does not say otherwise."""
    limits = " ".join(f"-c {setting}={value}" for setting, value in LIMITS.items())
    ours: dict[str, Any] = {
        "application_name": f"pipeline {name} {os.getpid()}",
        "connect_timeout": CONNECT_SECONDS,
        "options": limits,
        **KEEPALIVES,
    }
    return {key: value for key, value in ours.items() if key not in url.query}


def unhurried(connection: Connection) -> None:
    """Let the statements of this transaction last as long as they must; nothing to say on SQLite.

    A lock is waited for longer, but not for ever: whoever waits for a table stops all who come after.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = '60s'"))
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = '10min'"))
