"""What dramatiq's own script does not do: taking messages with their ids, and finding those that nobody has.

The other commands (enqueue, acknowledge, requeue, heartbeat) stay dramatiq's, on the same keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final, NamedTuple, cast

import redis
from dramatiq.common import current_millis, dq_name
from redis.commands.core import Script

from pipeline import contract

# Takes up to ARGV[3] messages. The heartbeat comes first: it needs memory, so that a Redis without any
# refuses before something is popped; and what is taken must belong to a worker that can be missed.
# What a dead worker had says so, once.
_TAKE: Final = """
redis.call('zadd', KEYS[4], ARGV[1], ARGV[2])
local taken = {}
for _ = 1, ARGV[3] do
    local id = redis.call('lpop', KEYS[1])
    if not id then break end
    local message = redis.call('hget', KEYS[2], id)
    local was_lost = redis.call('srem', KEYS[5], id)
    if message then
        redis.call('sadd', KEYS[3], id)
        table.insert(taken, id)
        table.insert(taken, message)
        table.insert(taken, was_lost)
    end
end
return taken
"""

# Puts back what this worker took (the answer was lost on the way) and has not in hand (ARGV).
_RECLAIM: Final = """
local in_hand = {}
for _, id in ipairs(ARGV) do in_hand[id] = true end
local found = 0
for _, id in ipairs(redis.call('smembers', KEYS[3])) do
    if not in_hand[id] then
        redis.call('srem', KEYS[3], id)
        if redis.call('hexists', KEYS[2], id) == 1 then
            redis.call('rpush', KEYS[1], id)
            found = found + 1
        end
    end
end
return found
"""

# Puts back what workers had that were not heard of since ARGV[1], and marks it: they may have died of it.
# As dramatiq's own maintenance does, but for the mark.
_BURY: Final = """
local found = 0
for _, worker in ipairs(redis.call('zrangebyscore', KEYS[4], 0, ARGV[1])) do
    local acks = ARGV[2] .. worker
    for _, id in ipairs(redis.call('smembers', acks .. '.' .. ARGV[3])) do
        if redis.call('hexists', KEYS[2], id) == 1 then
            redis.call('sadd', KEYS[5], id)
            redis.call('rpush', KEYS[1], id)
            found = found + 1
        end
    end
    redis.call('del', acks .. '.' .. ARGV[3])
    if not next(redis.call('keys', acks .. '*')) then redis.call('zrem', KEYS[4], worker) end
end
return found
"""

# Moves what somebody dropped with a delay to the queue itself, where it is answered; else nobody would see it.
_UNDELAY: Final = """
local found = 0
for _ = 1, 100 do
    local id = redis.call('lpop', KEYS[3])
    if not id then break end
    local message = redis.call('hget', KEYS[4], id)
    if message then
        redis.call('hset', KEYS[2], id, message)
        redis.call('rpush', KEYS[1], id)
        found = found + 1
    end
    redis.call('hdel', KEYS[4], id)
end
return found
"""


class Taken(NamedTuple):
    """One message as it lay on a queue; ``was_lost``: a worker that had it died."""

    redis_id: str
    raw: bytes
    was_lost: bool


class Scripts:
    """The scripts, for one client; loaded into Redis when first needed."""

    def __init__(self, client: redis.Redis, broker_id: str) -> None:
        self._broker_id = broker_id
        self._take: Script = client.register_script(_TAKE)
        self._reclaim: Script = client.register_script(_RECLAIM)
        self._bury: Script = client.register_script(_BURY)
        self._undelay: Script = client.register_script(_UNDELAY)

    def take(self, queue: str, most: int) -> list[Taken]:
        """Take up to ``most`` messages, in the order in which they came."""
        answer = cast(
            "list[Any]",
            self._take(keys=self._keys(queue), args=[current_millis(), self._broker_id, most]),
        )
        # An id is whatever a producer chose, and goes back byte for byte.
        ids = (redis_id.decode("utf-8", "surrogateescape") for redis_id in answer[::3])
        return [Taken(*each) for each in zip(ids, answer[1::3], map(bool, answer[2::3]), strict=True)]

    def reclaim(self, queue: str, in_hand: Iterable[str]) -> int:
        """Requeue what Redis believes this worker has and it has not; returns how many."""
        return cast("int", self._reclaim(keys=self._keys(queue), args=list(in_hand)))

    def bury(self, queue: str, silent: timedelta) -> int:
        """Requeue what workers had that gave no sign of life for so long, as lost; returns how many."""
        dead_since = current_millis() - silent // timedelta(milliseconds=1)
        args: list[str | int] = [dead_since, f"{contract.NAMESPACE}:__acks__.", queue]
        return cast("int", self._bury(keys=self._keys(queue), args=args))

    def undelay(self, queue: str) -> int:
        """Move what was dropped with a delay to ``queue``; returns how many."""
        queued, delayed = f"{contract.NAMESPACE}:{queue}", f"{contract.NAMESPACE}:{dq_name(queue)}"
        keys = [queued, f"{queued}.msgs", delayed, f"{delayed}.msgs"]
        return cast("int", self._undelay(keys=keys))

    def _keys(self, queue: str) -> list[str]:
        ns = contract.NAMESPACE
        acks = f"{ns}:__acks__.{self._broker_id}.{queue}"
        queued = f"{ns}:{queue}"
        return [queued, f"{queued}.msgs", acks, f"{ns}:__heartbeats__", f"{queued}.lost"]
