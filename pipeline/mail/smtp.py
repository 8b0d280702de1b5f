"""One letter to one recipient over SMTP, so that it is always clear whether the server has it."""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from aiosmtplib import SMTP

from pipeline.mail.address import envelope
from pipeline.mail.answers import Aborted, MailError, Permanent, Temporary, Unknown
from pipeline.mail.connections import IDLE_SECONDS, LETTERS_EACH, Connections
from pipeline.mail.conversation import Conversation

__all__ = ["Aborted", "MailError", "Mailer", "Permanent", "SmtpMailer", "Temporary", "Unknown"]

PORTS: Final = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


def since_boot() -> float:
    """Return the seconds since the machine started; those of its sleep count where the system tells them (Linux)."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


class Mailer(Protocol):
    """Whatever delivers letters."""

    def deliver(self, sender: str, to: str, raw: bytes, *, before_data: Callable[[], bool]) -> str:
        """Hand one letter over and return the server's answer, such as ``250 OK``.

        Args:
            sender: the envelope's sender, where bounces go.
            to: the one recipient.
            raw: the letter's bytes; a resend hands over the same.
            before_data: called once the recipient is accepted and before the letter leaves; commits
                that it is being sent, and returns False if it must not leave after all. What it
                raises is passed on, and the letter does not leave.

        Raises:
            Temporary: see the class; also when the server does not want *us* (5xx to the greeting,
                EHLO, STARTTLS or login), since no letter can help that and none should fail of it.
            Permanent: see the class.
            Unknown: see the class; only after ``before_data``.
            Aborted: ``before_data`` returned False.
        """


class SmtpMailer:
    """Delivers letters over connections that are kept for a while; safe in any number of threads."""

    def __init__(
        self,
        url: str,
        *,
        timeout: float,
        trusted: Path | None = None,
        idle_seconds: float = IDLE_SECONDS,
        letters_each: int = LETTERS_EACH,
        seconds: Callable[[], float] = since_boot,
    ) -> None:
        """Keep where the server is; opens nothing.

        Args:
            url: ``smtp://`` (no encryption), ``smtps://`` or ``smtp+starttls://`` (which refuses to
                go on without), with ``[USER:PASSWORD@]HOST[:PORT]``.
            timeout: seconds that each half of the conversation may take.
            trusted: a file of certificates (PEM) that the server's must go back to; by default
                those that this machine trusts.
            idle_seconds: how long a connection is kept that nobody uses.
            letters_each: how many letters go over one connection.
            seconds: a clock that goes on while the machine or this process stands still.

        Raises:
            ValueError: ``url`` is none of these; the sentence holds no password.
            OSError: ``trusted`` is no such file.
        """
        parts = _parsed(url)
        encryption = None if parts.scheme == "smtp" else ssl.create_default_context(cafile=trusted)
        self._timeout, self._seconds = timeout, seconds
        self._connections = Connections(
            lambda: Conversation(_client(parts, encryption, timeout), timeout),
            timeout=timeout,
            idle_seconds=idle_seconds,
            letters_each=letters_each,
        )

    def deliver(self, sender: str, to: str, raw: bytes, *, before_data: Callable[[], bool]) -> str:
        """Hand one letter over; see :class:`Mailer`.

        Whoever commits that it is being sent counts on its being over soon. So it does not leave if it
        is still here after the timeout: the machine was suspended, or this process was stopped.
        """
        try:
            sender, to = envelope(sender), envelope(to)
        except ValueError as error:
            raise Permanent(str(error)) from error
        lent = self._connections
        conversation = lent.run(lent.addressed(sender, to, raw))
        began = self._seconds()
        try:
            may_leave = before_data()
        except BaseException:
            lent.run(lent.let_go(conversation))
            raise
        if not may_leave:
            lent.run(lent.let_go(conversation))
            raise Aborted("The letter was held back before it left.")
        return lent.run(lent.hand_over(conversation, raw, lambda: self._seconds() - began > self._timeout))

    def greet(self) -> str:
        """Connect, log in and leave; return the server's answer to the greeting.

        Raises:
            Temporary: the server cannot be reached or does not want us.
        """
        return self._connections.run(self._greet())

    def close(self) -> None:
        """Close every connection that is kept."""
        self._connections.close()

    async def _greet(self) -> str:
        conversation = await self._connections.opened()
        greeting = conversation.greeting()
        await conversation.close()
        return greeting


def _parsed(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        known = parts.scheme in PORTS and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise ValueError("must be smtp://, smtps:// or smtp+starttls:// with [USER:PASSWORD@]HOST[:PORT]")
    return parts


def _client(url: SplitResult, encryption: ssl.SSLContext | None, timeout: float) -> SMTP:
    return SMTP(
        hostname=url.hostname,
        port=url.port or PORTS[url.scheme],
        username=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        local_hostname=_own_name(),
        timeout=timeout,
        use_tls=url.scheme == "smtps",
        start_tls=url.scheme == "smtp+starttls",
        tls_context=encryption,
    )


@cache
def _own_name() -> str:
    """Return what we call ourselves at EHLO; asked once, since the answer can take seconds."""
    name = socket.getfqdn()
    return name if re.fullmatch(r"[A-Za-z0-9.-]{1,255}", name) else "localhost"
