"""A real mail server (aiosmtpd) that misbehaves where it is told to."""

# ruff: noqa: N802 -- aiosmtpd calls its methods by the names of commands

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from ssl import SSLContext
from threading import Event, Thread
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

_WISHES = ("RET=", "ENVID=", "NOTIFY=", "ORCPT=")

DROP = "drop"
STALL = "stall"


@dataclass
class Letterbox:
    """What the server accepted, and where it is told to misbehave.

    ``faults``: by stage (greeting, EHLO, AUTH, RSET, MAIL, RCPT, DATA, content, answer) an answer such
    as ``451 later``, ``DROP`` or ``STALL``. A fault at ``answer`` comes after the letter was accepted.
    """

    faults: dict[str, str] = field(default_factory=dict)
    accepted: list[Envelope] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    first_only: dict[str, str] = field(default_factory=dict)  # faults of the first connection
    port: int = 0
    connections: list[FaultySmtp] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # every MAIL and RCPT, as they came
    tells_fate: bool = False  # whether the server says that it can notify (DSN)
    logins_by: str = ""  # the one way to log in; by default each that aiosmtpd knows
    are_encrypted: list[bool] = field(default_factory=list)  # each letter's connection

    def hang_up(self) -> None:
        """End every connection, from another thread, and return when that is done."""
        for connection in self.connections:
            done = Event()
            connection.loop.call_soon_threadsafe(connection.end, done)
            done.wait(5)

    @property
    def open_connections(self) -> list[FaultySmtp]:
        return [one for one in self.connections if one.is_open]

    async def handle_EHLO(
        self, server: Any, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-DSN", responses[-1]] if self.tells_fate else responses

    async def handle_DATA(self, server: FaultySmtp, session: Session, envelope: Envelope) -> str:
        fault = self.faults.get("content")
        if fault:
            return await server.misbehave(fault) or fault
        self.accepted.append(envelope)
        self.are_encrypted.append(server.is_encrypted)
        fault = self.faults.get("answer")
        return (await server.misbehave(fault) or fault) if fault else "250 2.0.0 taken"

    def authenticate(self, server: Any, session: Any, envelope: Any, method: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success="AUTH" not in self.faults, handled=False)


class FaultySmtp(SMTP):
    """aiosmtpd's own server, with a fault at one stage."""

    box: Letterbox

    @property
    def is_open(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()

    @property
    def is_encrypted(self) -> bool:
        return self.transport is not None and self.transport.get_extra_info("cipher") is not None

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

    async def smtp_RSET(self, arg: str | None) -> None:
        await self._usually("RSET", super().smtp_RSET, arg)

    async def smtp_MAIL(self, arg: str | None) -> None:
        await self._usually("MAIL", super().smtp_MAIL, self._without_wishes("MAIL", arg))

    async def smtp_RCPT(self, arg: str | None) -> None:
        await self._usually("RCPT", super().smtp_RCPT, self._without_wishes("RCPT", arg))

    def _without_wishes(self, command: str, arg: str | None) -> str | None:
        """Take what is asked of the server's notifications off the command, since aiosmtpd knows none."""
        self.box.asked.append(f"{command} {arg}")
        if arg is None or not self.box.tells_fate:
            return arg
        return " ".join(word for word in arg.split() if not word.startswith(_WISHES))

    async def smtp_DATA(self, arg: str) -> None:
        await self._usually("DATA", super().smtp_DATA, arg)

    async def _usually(self, stage: str, usual: Callable[[Any], Awaitable[None]], arg: Any) -> None:
        fault = self.box.faults.get(stage)
        if self is self.box.connections[0]:
            fault = self.box.first_only.get(stage, fault)
        if fault is None:
            await usual(arg)
        else:
            await self.push(await self.misbehave(fault))


@contextmanager
def mail_server(
    faults: Mapping[str, str] | None = None,
    *,
    utf8: bool = True,
    tells_fate: bool = False,
    logins_by: str = "",
    encryption: SSLContext | None = None,
    is_encrypted_at_once: bool = False,
) -> Iterator[Letterbox]:
    """Run a server on a free port of loopback, in a thread, for as long as the block lasts.

    With ``encryption`` it offers STARTTLS and takes logins only after it, or is encrypted at once.
    """
    box = Letterbox(dict(faults or {}), tells_fate=tells_fate, logins_by=logins_by)
    loop = asyncio.new_event_loop()
    at_once, offered = (encryption, None) if is_encrypted_at_once else (None, encryption)
    serving = loop.run_until_complete(
        loop.create_server(lambda: _one(box, loop, utf8, offered), "127.0.0.1", 0, ssl=at_once)
    )
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


def _one(
    box: Letterbox, loop: asyncio.AbstractEventLoop, utf8: bool, encryption: SSLContext | None
) -> FaultySmtp:
    protocol = FaultySmtp(
        box, loop=loop, enable_SMTPUTF8=utf8, hostname="mail.example",
        authenticator=box.authenticate, auth_require_tls=encryption is not None, tls_context=encryption,
        auth_exclude_mechanism={"PLAIN", "LOGIN"} - {box.logins_by} if box.logins_by else None,
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
