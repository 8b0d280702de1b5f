"""One letter to one recipient over SMTP, so that it is always clear whether the server has it.

The conversation has two halves with a commit of the caller between them. Up to the accepted
``RCPT`` nothing was handed over, so any trouble means: not accepted, try again. From the moment the
letter is on its way until the server's answer to it, a lost connection means: nobody knows.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import cache
from typing import Final, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from aiosmtplib import SMTP, SMTPException, SMTPResponseException
from aiosmtplib.protocol import SMTPProtocol
from aiosmtplib.response import SMTPResponse

from pipeline.errors import PipelineError, shorten
from pipeline.mail.address import envelope

PORTS: Final = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
GO_AHEAD: Final = 354  # the answer to DATA that asks for the letter itself
# Answers to MAIL that ask for a login first: wrong in our settings, not in the letter.
_LOGIN_ASKED: Final = frozenset({530, 534, 535, 538})
_FAREWELL_SECONDS: Final = 2  # the letter is accepted; its caller has a commit to make
_ANSWER_LENGTH: Final = 500  # characters of a server's answer that are kept


class MailError(PipelineError):
    """A letter was not delivered, or may not have been; ``str(error)`` has the server's words."""


class Temporary(MailError):
    """The server surely does not have the letter; the same letter may be accepted later."""


class Permanent(MailError):
    """The server refused the letter or its recipient for good; a human has to look."""


class Unknown(MailError):
    """The connection ended while the server had the letter and had not answered."""


class Aborted(MailError):
    """The caller's ``before_data`` said no; the letter was not handed over."""


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
    """Delivers each letter in a connection of its own; safe in any number of threads."""

    def __init__(self, url: str, *, timeout: float) -> None:
        """Keep where the server is; opens nothing.

        Args:
            url: ``smtp://`` (no encryption), ``smtps://`` or ``smtp+starttls://`` (which refuses to
                go on without), with ``[USER:PASSWORD@]HOST[:PORT]``.
            timeout: seconds that each half of the conversation may take.

        Raises:
            ValueError: ``url`` is none of these; the sentence holds no password.
        """
        self._url = _parsed(url)
        self._timeout = timeout

    def deliver(self, sender: str, to: str, raw: bytes, *, before_data: Callable[[], bool]) -> str:
        """Hand one letter over; see :class:`Mailer`."""
        try:
            addressed = envelope(sender), envelope(to)
        except ValueError as error:
            raise Permanent(str(error)) from error
        return asyncio.run(self._deliver(*addressed, raw, before_data))

    def greet(self) -> str:
        """Connect, log in and leave; return the server's answer to the greeting.

        Raises:
            Temporary: the server cannot be reached or does not want us.
        """
        return asyncio.run(self._greet())

    async def _deliver(self, sender: str, to: str, raw: bytes, before_data: Callable[[], bool]) -> str:
        async with self._session() as session:
            await session.address(sender, to, raw)
            if not before_data():
                raise Aborted("The letter was held back before it left.")
            return await session.hand_over(raw)

    async def _greet(self) -> str:
        async with self._session() as session:
            return session.greeting()

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[Session]:
        session = Session(_client(self._url, self._timeout), self._timeout)
        try:
            await session.open()
            yield session
        finally:
            await session.close()


class Session:
    """One conversation with the server, about one letter."""

    def __init__(self, client: SMTP, timeout: float) -> None:
        self._client = client
        self._timeout = timeout
        self._ends_at = 0.0  # by the loop's clock: when the first half has lasted long enough

    def greeting(self) -> str:
        """Return the server's answer to EHLO."""
        answer = self._client.last_ehlo_response
        return _told(answer) if answer else ""

    async def open(self) -> None:
        """Connect, encrypt where the address says so, and log in."""
        self._ends_at = asyncio.get_running_loop().time() + self._timeout
        with self._not_accepted():
            async with asyncio.timeout_at(self._ends_at):
                try:
                    await self._client.connect()
                    if self._client.is_ehlo_or_helo_needed:  # a login has said it already
                        await self._client.ehlo()
                except SMTPResponseException as error:
                    raise Temporary(f"The mail server does not want us: {_words(error)}") from error

    async def address(self, sender: str, to: str, raw: bytes) -> None:
        """Name sender and recipient; nothing of the letter leaves yet."""
        with self._not_accepted():
            async with asyncio.timeout_at(self._ends_at):
                options, encoding = self._options(sender, to, raw)
                await self._name_sender(sender, options, encoding)
                await self._client.rcpt(to, encoding=encoding)

    async def hand_over(self, raw: bytes) -> str:
        """Send the letter itself and return the server's answer."""
        ends_at = asyncio.get_running_loop().time() + self._timeout
        with self._not_accepted():
            async with asyncio.timeout_at(ends_at):
                answer = await self._client.execute_command(b"DATA")
        protocol = self._client.protocol  # gone if the server hung up after its go-ahead
        if answer.code != GO_AHEAD or protocol is None:
            raise _refusal(answer)
        return await self._answer_to(raw, protocol, ends_at)

    async def close(self) -> None:
        """Take leave if there is anyone to take leave of; never raises for the server's part."""
        with suppress(SMTPException, OSError):
            if self._client.is_connected:
                await self._client.quit(timeout=_FAREWELL_SECONDS)
        self._client.close()
        await asyncio.sleep(0)  # lets the socket close before the loop does

    @contextmanager
    def _not_accepted(self) -> Iterator[None]:
        """Turn trouble of the library, before anything was handed over, into ours."""
        try:
            yield
        except SMTPResponseException as error:
            raise _refusal(SMTPResponse(error.code, error.message)) from error
        except (SMTPException, OSError, TimeoutError) as error:
            self._client.close()  # whoever is silent is not told goodbye either
            raise Temporary(f"The mail server cannot be used now: {_words(error)}") from error

    async def _name_sender(self, sender: str, options: list[str], encoding: str) -> None:
        try:
            await self._client.mail(sender, options=options, encoding=encoding)
        except SMTPResponseException as error:
            if error.code in _LOGIN_ASKED:
                raise Temporary(
                    f"The mail server asks for a login or encryption first: {_words(error)}"
                ) from error
            raise

    def _options(self, sender: str, to: str, raw: bytes) -> tuple[list[str], str]:
        """Return what to ask at MAIL, and how addresses are encoded."""
        options = [f"SIZE={len(raw)}"] if self._client.supports_extension("size") else []
        if sender.isascii() and to.isascii() and raw.isascii():
            return options, "ascii"
        if not self._client.supports_extension("smtputf8"):
            raise Permanent(f"The mail server takes no address with letters beyond a to z, such as {to}.")
        return [*options, "SMTPUTF8", "BODY=8BITMIME"], "utf-8"

    async def _answer_to(self, raw: bytes, protocol: SMTPProtocol, ends_at: float) -> str:
        """Send the content; from its first byte until the answer, trouble leaves us not knowing.

        aiosmtplib's own ``data()`` does not tell a connection lost before the go-ahead from one lost
        after it; the former is only trouble, and far better than a question for a human.
        """
        try:
            async with asyncio.timeout_at(ends_at):
                protocol.write(_dotted(raw))
                answer = await protocol.read_response()
        except (SMTPException, OSError, TimeoutError) as error:
            self._client.close()
            raise Unknown(f"The connection ended before the mail server answered: {_words(error)}") from error
        if 200 <= answer.code < 300:
            return _told(answer)
        raise _refusal(answer, otherwise=Unknown)


def _parsed(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        known = parts.scheme in PORTS and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise ValueError("must be smtp://, smtps:// or smtp+starttls:// with [USER:PASSWORD@]HOST[:PORT]")
    return parts


def _client(url: SplitResult, timeout: float) -> SMTP:
    return SMTP(
        hostname=url.hostname,
        port=url.port or PORTS[url.scheme],
        username=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        local_hostname=_own_name(),
        timeout=timeout,
        use_tls=url.scheme == "smtps",
        start_tls=url.scheme == "smtp+starttls",
    )


@cache
def _own_name() -> str:
    """Return what we call ourselves at EHLO; asked once, since the answer can take seconds."""
    name = socket.getfqdn()
    return name if re.fullmatch(r"[A-Za-z0-9.-]{1,255}", name) else "localhost"


def _refusal(answer: SMTPResponse, otherwise: type[MailError] = Temporary) -> MailError:
    """Return the error for an answer; one that is no refusal leads to ``otherwise``."""
    kind = {4: Temporary, 5: Permanent}.get(answer.code // 100, otherwise)
    return kind(f"The mail server answered: {_told(answer)}")


def _dotted(raw: bytes) -> bytes:
    """Return the letter as SMTP carries it: lines ended alike, leading dots doubled, a dot last."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", raw).removesuffix(b"\r\n") + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", lines) + b".\r\n"


def _told(answer: SMTPResponse) -> str:
    return shorten(f"{answer.code} {' '.join(answer.message.split())}".strip(), _ANSWER_LENGTH)


def _words(error: BaseException) -> str:
    if isinstance(error, SMTPResponseException):
        return _told(SMTPResponse(error.code, error.message))
    if isinstance(error, TimeoutError) and not str(error):
        return "it took too long"
    return shorten(" ".join(str(error).split()) or type(error).__name__, _ANSWER_LENGTH)
