"""Who is at the other end of Redis: our connections carry a name, so that a worker can be asked after."""

from __future__ import annotations

import os
import socket
from typing import Any, Final, cast

import redis

_PREFIX: Final = "pipeline"
LOOKING: Final = "looking"  # the connections on which consumers wait for something to come
WORKING: Final = "working"  # all others


def name(purpose: str) -> str:
    """Return the name of a connection of this process: purpose, machine, process group, process."""
    return f"{_group(purpose, os.getpgrp())}:{os.getpid()}"


def is_there(client: redis.Redis, group: int) -> bool:
    """Say whether a process of ours in process group ``group`` of this machine talks to this Redis.

    Raises:
        redis.RedisError: Redis is away or refuses.
    """
    ours = tuple(f"{_group(purpose, group)}:" for purpose in (LOOKING, WORKING))
    return any(each["name"].startswith(ours) for each in _connections(client))


def workers(client: redis.Redis) -> int:
    """Return how many worker processes, on any machine, listen to this Redis.

    Raises:
        redis.RedisError: Redis is away or refuses.
    """
    names = {each["name"] for each in _connections(client)}
    return sum(each.startswith(f"{_PREFIX}:{LOOKING}:") for each in names)


def wake(client: redis.Redis) -> None:
    """End at once what the consumers of this process wait for.

    Raises:
        redis.RedisError: Redis is away or refuses.
    """
    for connection in _connections(client):
        if connection["name"] == name(LOOKING):
            client.client_unblock(int(connection["id"]))


def _group(purpose: str, group: int) -> str:
    machine = socket.gethostname().replace(":", "-").replace(" ", "-")
    return f"{_PREFIX}:{purpose}:{machine}:{group}"


def _connections(client: redis.Redis) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", client.client_list())
