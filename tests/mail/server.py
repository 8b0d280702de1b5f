"""A real mail server (aiosmtpd) that misbehaves where it is told to."""

# ruff: noqa: N802 -- aiosmtpd calls its methods by the names of commands

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

DROP = "drop"
STALL = "stall"


@dataclass
class Letterbox:
    """What the server accepted, and where it is told to misbehave.

    ``faults``: by stage (greeting, EHLO, AUTH, MAIL, RCPT, DATA, content, answer) an answer such as
    ``451 later``, ``DROP`` or ``STALL``. A fault at ``answer`` comes after the letter was accepted.
    """

    faults: Mapping[str, str] = field(default_factory=dict)
    accepted: list[Envelope] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    port: int = 0
    connections: list[FaultySmtp] = field(default_factory=list)

    def hang_up(self) -> None:
        """End every connection, from another thread, and return when that is done."""
        for connection in self.connections:
            done = Event()
            connection.loop.call_soon_threadsafe(connection.end, done)
            done.wait(5)

    async def handle_DATA(self, server: FaultySmtp, session: Session, envelope: Envelope) -> str:
        fault = self.faults.get("content")
        if fault:
            return await server.misbehave(fault) or fault
        self.accepted.append(envelope)
        fault = self.faults.get("answer")
        return (await server.misbehave(fault) or fault) if fault else "250 2.0.0 taken"

    def authenticate(self, server: Any, session: Any, envelope: Any, method: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success="AUTH" not in self.faults, handled=False)


class FaultySmtp(SMTP):
    """aiosmtpd's own server, with a fault at one stage."""

    box: Letterbox

    async def misbehave(self, fault: str) -> str:
        if fault == STALL:
            await asyncio.Event().wait()
        if fault == DROP:
            self.cut()
            raise ConnectionResetError
        return fault

    def cut(self) -> None:
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()

    def end(self, done: Event) -> None:
        self.cut()
        self.loop.call_soon(done.set)

    async def _handle_client(self) -> None:
        fault = self.box.faults.get("greeting")
        if fault:
            await self.push(await self.misbehave(fault))
            return
        await super()._handle_client()

    async def smtp_EHLO(self, hostname: str) -> None:
        await self._usually("EHLO", super().smtp_EHLO, hostname)

    async def smtp_MAIL(self, arg: str | None) -> None:
        await self._usually("MAIL", super().smtp_MAIL, arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        await self._usually("RCPT", super().smtp_RCPT, arg)

    async def smtp_DATA(self, arg: str) -> None:
        await self._usually("DATA", super().smtp_DATA, arg)

    async def _usually(self, stage: str, usual: Callable[[Any], Awaitable[None]], arg: Any) -> None:
        fault = self.box.faults.get(stage)
        if fault is None:
            await usual(arg)
        else:
            await self.push(await self.misbehave(fault))


@contextmanager
def mail_server(faults: Mapping[str, str] | None = None, *, utf8: bool = True) -> Iterator[Letterbox]:
    """Run a server on a free port of loopback, in a thread, for as long as the block lasts."""
    box = Letterbox(faults or {})
    loop = asyncio.new_event_loop()
    serving = loop.run_until_complete(loop.create_server(lambda: _one(box, loop, utf8), "127.0.0.1", 0))
    box.port = serving.sockets[0].getsockname()[1]
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield box
    finally:
        asyncio.run_coroutine_threadsafe(_end(serving, box), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _one(box: Letterbox, loop: asyncio.AbstractEventLoop, utf8: bool) -> FaultySmtp:
    protocol = FaultySmtp(
        box, loop=loop, enable_SMTPUTF8=utf8, hostname="mail.example",
        authenticator=box.authenticate, auth_require_tls=False,
    )  # fmt: skip
    protocol.box = box
    box.connections.append(protocol)
    return protocol


async def _end(serving: asyncio.Server, box: Letterbox) -> None:
    serving.close()
    for connection in box.connections:
        connection.cut()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
