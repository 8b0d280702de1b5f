"""The dramatiq message around a hint or an event, read so that nothing on a queue can upset a consumer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import dramatiq

from pipeline.broker.arguments import first_argument
from pipeline.broker.queues import ACTORS, AGAIN, INTAKE, RECEIVE
from pipeline.contract.faults import told
from pipeline.contract.skeleton import nesting
from pipeline.contract.whole import MAX_BYTES, SAFE_DEPTH
from pipeline.errors import shorten

REDIS_ID: Final = "redis_message_id"  # the option under which dramatiq looks for a message's id in Redis
MOST_BYTES: Final = 8 * MAX_BYTES  # the largest event with every byte written as an escape of six, and more
_ID_LENGTH: Final = 64  # characters of an id that a log line shows
MOST_BESIDE: Final = 65_536  # characters of a message around its event


class Malformed(Exception):
    """What lies on a queue is no message that we can work with; ``str(error)`` says why, in a sentence."""


class Received(dramatiq.Message[None]):
    """A message that shows in the log without its event, which is private; a hint shows its ids."""

    def __str__(self) -> str:
        told = "…" if self.actor_name == RECEIVE else ", ".join(shorten(arg, _ID_LENGTH) for arg in self.args)
        return f"{self.actor_name}({told})"


# What each field must be, in words, and how that is seen.
_FIELDS: Final[Mapping[str, tuple[str, Callable[[Any], bool]]]] = {
    "queue_name": ("text", lambda value: isinstance(value, str)),
    "actor_name": ("text", lambda value: isinstance(value, str)),
    "args": ("a list", lambda value: isinstance(value, list)),
    "kwargs": ("an empty object", lambda value: value == {}),
    "options": ("an object", lambda value: isinstance(value, dict)),
    "message_id": ("text", lambda value: isinstance(value, str) and value != ""),
    "message_timestamp": ("a whole number", lambda value: type(value) is int),
}


def unwrap(raw: bytes, queue: str = INTAKE, redis_id: str = "", *, was_lost: bool = False) -> Received:
    """Return the message in ``raw``, ready to be worked on.

    The event that ``receive`` gets is not parsed here: its one argument is the event's text, which
    for an object is exactly what stands in the message. It may hold what is no JSON, brackets
    without end, or a lone surrogate; intake answers that. The sender's options are left out.

    Args:
        queue: where it was found.
        redis_id: under what id it lies there.
        was_lost: a worker that had it died, maybe of it; the actor is told that it comes again.

    Raises:
        Malformed: there is no message in it that an actor of ours on this queue takes.
    """
    text = _decoded(raw)
    place = first_argument(text)
    fields = _fields(text if place is None else f"{text[: place.start]}null{text[place.stop :]}")
    _check(fields, queue)
    args = _event(text, place, fields) if fields["actor_name"] == RECEIVE else _ids(text)
    if was_lost and len(args) == 1:
        args = (*args, AGAIN)
    return Received(
        queue,
        fields["actor_name"],
        args,
        {},
        {REDIS_ID: redis_id},
        fields["message_id"],
        fields["message_timestamp"],
    )


def _decoded(raw: bytes) -> str:
    if len(raw) > MOST_BYTES:
        raise Malformed(f"The message has {len(raw)} bytes; expected at most {MOST_BYTES}.")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Malformed(
            f"The message is not UTF-8: byte 0x{raw[error.start]:02X} at position {error.start}."
        ) from None


def _fields(text: str) -> dict[str, Any]:
    if len(text) > MOST_BESIDE:
        raise Malformed(
            f"The message has {len(text)} characters beside its event; expected at most {MOST_BESIDE}."
        )
    if nesting(text) > SAFE_DEPTH:
        raise Malformed("The message is nested too deep outside its event.")
    fields = _value(text)
    if not isinstance(fields, dict):
        raise Malformed(f"The message must be an object, not {told(fields)}.")
    return fields


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:  # its position is not the one in the message
        raise Malformed(f"The message is not JSON: {error.msg}.") from None
    except ValueError:  # digits without end
        raise Malformed("The message holds a number that this computer cannot read.") from None


def _check(fields: dict[str, Any], queue: str) -> None:
    for name, (expected, holds) in _FIELDS.items():
        if name not in fields:
            raise Malformed(f"The message has no {name}; expected {expected}.")
        if not holds(fields[name]):
            raise Malformed(f"The message's {name} must be {expected}, not {told(fields[name])}.")
    if fields["queue_name"] != queue:
        raise Malformed(f"The message is for queue {told(fields['queue_name'])}, but lies on {queue}.")
    if ACTORS.get(fields["actor_name"]) != queue:
        raise Malformed(f"No actor on queue {queue} is called {told(fields['actor_name'])}.")


def _event(text: str, place: slice | None, fields: dict[str, Any]) -> tuple[str]:
    if place is None or fields["args"] != [None]:
        raise Malformed("The message's args must be a list of exactly one event.")
    event = text[place]
    if not event.startswith('"'):
        return (event,)
    return (_value(event),)


def _ids(text: str) -> tuple[str | int, ...]:
    args = tuple(_fields(text)["args"])
    if not all(isinstance(arg, str | int) for arg in args):
        raise Malformed("A hint's args must be ids.")
    return args
