"""A mail server that misbehaves as it is told and remembers on disk, in order, every letter that it accepted."""

# ruff: noqa: N802 -- aiosmtpd calls its methods by the names of commands

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from email.parser import BytesHeaderParser
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any, Final

from aiosmtpd.smtp import SMTP, Envelope, Session

DROP: Final = "drop"
STALL: Final = "stall"
SHARE: Final = 0.12
FIRST_SHARE: Final = 0.25
HALF: Final = 5  # lines of a letter that are read before the line is dropped in the middle of it


@dataclass(frozen=True)
class Fault:
    """What happens to one letter.

    Attributes:
        stage: ``MAIL``, ``RCPT``, ``DATA``, ``inside`` (half of the letter has come) or ``content`` (all
            of it has).
        action: an answer such as ``451 later``, ``DROP`` or ``STALL``.
        accepts: at ``content``, whether the letter is accepted all the same.
    """

    stage: str
    action: str
    accepts: bool = False


FAULTS: Final = {
    "4xx to MAIL": Fault("MAIL", "451 4.3.0 Not now"),
    "5xx to MAIL": Fault("MAIL", "550 5.7.1 Not from you"),
    "4xx to RCPT": Fault("RCPT", "450 4.2.1 Not now"),
    "5xx to RCPT": Fault("RCPT", "550 5.1.1 Nobody of that name"),
    "4xx to DATA": Fault("DATA", "451 4.3.0 Not now"),
    "4xx to the letter": Fault("content", "452 4.3.1 No room"),
    "5xx to the letter": Fault("content", "554 5.6.0 Not this"),
    "stall before the letter": Fault("RCPT", STALL),
    "stall after the letter": Fault("content", STALL),
    "stall, letter accepted": Fault("content", STALL, accepts=True),
    "line lost before DATA": Fault("RCPT", DROP),
    "line lost at DATA": Fault("DATA", DROP),
    "line lost in the letter": Fault("inside", DROP),
    "line lost after the letter": Fault("content", DROP),
    "line lost, letter accepted": Fault("content", DROP, accepts=True),
}


@dataclass(frozen=True)
class Accepted:
    """One letter that the server took responsibility for."""

    message_id: str
    to: str
    digest: str  # SHA-256 of its bytes, lines ended by CRLF


def digest(raw: bytes) -> str:
    """Return what tells whether two letters are the same, however their lines end."""
    lines = raw.replace(b"\r\n", b"\n").removesuffix(b"\n")
    return hashlib.sha256(lines.replace(b"\n", b"\r\n")).hexdigest()


def message_id_of(raw: bytes) -> str:
    """Return the Message-ID in a letter's head."""
    return str(BytesHeaderParser().parsebytes(raw)["Message-ID"]).strip()


class Relay:
    """Which fault happens to which letter, and the file of what was accepted.

    Args:
        share: of letters that something happens to; more until each kind of fault has happened once.
        kinds: of faults, each about as often as any other.
    """

    def __init__(self, file: Path, share: float, kinds: Sequence[str], random: Random) -> None:
        self._log = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._file = file
        self._share, self._kinds, self._random = share, kinds, random
        self._dealt = dealt(kinds, random)
        self._is_over = False
        self._known: set[str] = set()
        self.done: Counter[str] = Counter()
        self.connections: set[Misbehaving] = set()
        self.port = 0

    def behave(self) -> None:
        """Let nothing more happen to any letter."""
        self._is_over = True

    def next(self) -> Fault | None:
        """Return what happens to the letter that now begins."""
        share = self._share if len(self.done) == len(self._kinds) else max(self._share, FIRST_SHARE)
        if self._is_over or not self._share or self._random.random() >= share:
            return None
        name = next(self._dealt)
        self.done[name] += 1
        return FAULTS[name]

    def has(self, message_id: str) -> bool:
        """Say whether a letter of this Message-ID was accepted."""
        return message_id in self._known

    def accept(self, envelope: Envelope) -> None:
        """Take responsibility for a letter: it is on disk when this returns."""
        raw = envelope.original_content or b""
        message_id = message_id_of(raw)
        accepted = Accepted(message_id, envelope.rcpt_tos[0], digest(raw))
        os.write(self._log, json.dumps(asdict(accepted)).encode() + b"\n")
        os.fsync(self._log)
        self._known.add(message_id)

    async def handle_DATA(self, server: Misbehaving, session: Session, envelope: Envelope) -> str:
        """Let the conversation answer for itself; aiosmtpd asks its handler."""
        return await server.take(envelope)

    def accepted(self) -> list[Accepted]:
        """Return every letter that was accepted, in order."""
        return [Accepted(**json.loads(line)) for line in self._file.read_text("utf-8").splitlines()]

    def close(self) -> None:
        """Close the file."""
        os.close(self._log)


class Misbehaving(SMTP):
    """aiosmtpd's own server; what happens to a letter is decided when it begins, at MAIL."""

    relay: Relay
    fault: Fault | None = None

    def connection_lost(self, error: Exception | None) -> None:
        self.relay.connections.discard(self)
        super().connection_lost(error)

    async def smtp_MAIL(self, arg: str | None) -> None:
        self.fault = self.relay.next()
        await self._unless("MAIL", super().smtp_MAIL, arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        await self._unless("RCPT", super().smtp_RCPT, arg)

    async def smtp_DATA(self, arg: str) -> None:
        if self.fault is not None and self.fault.stage == "inside":
            await self._take_half()
        else:
            await self._unless("DATA", super().smtp_DATA, arg)

    async def take(self, envelope: Envelope) -> str:
        """Answer to the whole letter."""
        fault = self.fault if self.fault is not None and self.fault.stage == "content" else None
        if fault is None or fault.accepts:
            self.relay.accept(envelope)
        return "250 2.0.0 Accepted" if fault is None else await self._act(fault.action)

    def cut(self) -> None:
        """End the connection as a broken cable would."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()

    async def _unless(self, stage: str, usual: Callable[[Any], Awaitable[None]], arg: Any) -> None:
        if self.fault is not None and self.fault.stage == stage:
            await self.push(await self._act(self.fault.action))
        else:
            await usual(arg)

    async def _take_half(self) -> None:
        await self.push("354 Go on")
        for _ in range(HALF):
            await self._reader.readline()
        await self._act(DROP)

    async def _act(self, action: str) -> str:
        if action == STALL:
            await asyncio.Event().wait()  # until the other side has had enough
        if action == DROP:
            self.cut()
            raise ConnectionResetError
        return action


def dealt(kinds: Sequence[str], random: Random) -> Iterator[str]:
    """Deal kinds as cards: all of them, shuffled, then all of them again."""
    while True:
        yield from random.sample(kinds, len(kinds))


@contextmanager
def relay(
    file: Path, random: Random, share: float = SHARE, kinds: Sequence[str] = tuple(FAULTS)
) -> Iterator[Relay]:
    """Serve on a free port of loopback, in a thread, for as long as the block lasts."""
    ours = Relay(file, share, kinds, random)
    loop = asyncio.new_event_loop()
    serving = loop.run_until_complete(loop.create_server(lambda: _one(ours, loop), "127.0.0.1", 0))
    ours.port = serving.sockets[0].getsockname()[1]
    thread = Thread(target=loop.run_forever, name="relay", daemon=True)
    thread.start()
    try:
        yield ours
    finally:
        asyncio.run_coroutine_threadsafe(_end(serving, ours), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        ours.close()


def _one(ours: Relay, loop: asyncio.AbstractEventLoop) -> Misbehaving:
    protocol = Misbehaving(ours, loop=loop, enable_SMTPUTF8=True, hostname="relay.example")
    protocol.relay = ours
    ours.connections.add(protocol)
    return protocol


async def _end(serving: asyncio.Server, ours: Relay) -> None:
    serving.close()
    for connection in list(ours.connections):
        connection.cut()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
