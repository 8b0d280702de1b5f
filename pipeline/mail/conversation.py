"""One connection to a mail server, over which letters go one after the other.

The conversation about a letter has two halves with a commit of the caller between them. Up to the
accepted ``RCPT`` nothing was handed over, so any trouble means: not accepted, try again. From the
moment the letter is on its way until the server's answer to it, a lost connection means: nobody
knows.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from aiosmtplib import SMTP, SMTPException, SMTPResponseException
from aiosmtplib.protocol import SMTPProtocol
from aiosmtplib.response import SMTPResponse

from pipeline.mail import notifications
from pipeline.mail.answers import Permanent, Temporary, Unknown, refusal, told, words

GO_AHEAD: Final = 354  # the answer to DATA that asks for the letter itself
# Answers to MAIL that ask for a login first: wrong in our settings, not in the letter.
_LOGIN_ASKED: Final = frozenset({530, 534, 535, 538})
_FAREWELL_SECONDS: Final = 2
_TURNS_TO_CLOSE: Final = 10  # of the loop, at most, until a socket is closed
_SHARE_FOR_RSET: Final = 0.1  # of the first half; a server that answers later is better called anew


class Conversation:
    """One connection; ``letters`` counts those that were begun on it."""

    def __init__(self, client: SMTP, timeout: float) -> None:
        self._client = client
        self._timeout = timeout  # seconds that each half may take
        self._ends_at = 0.0  # by the loop's clock: when the first half has lasted long enough
        self.letters = 0

    @property
    def is_open(self) -> bool:
        """Whether the server is still at the other end, as far as we were told."""
        return self._client.is_connected

    def greeting(self) -> str:
        """Return the server's answer to EHLO."""
        answer = self._client.last_ehlo_response
        return told(answer) if answer else ""

    async def open(self, ends_at: float) -> None:
        """Connect, encrypt where the address says so, and log in.

        Args:
            ends_at: when the first half, which begins here, has lasted long enough.
        """
        self._ends_at = ends_at
        with self._not_accepted():
            async with asyncio.timeout_at(ends_at):
                try:
                    await self._client.connect()
                    if self._client.is_ehlo_or_helo_needed:  # a login has said it already
                        await self._client.ehlo()
                except SMTPResponseException as error:
                    raise Temporary(f"The mail server does not want us: {words(error)}") from error

    async def is_still_there(self, ends_at: float) -> bool:
        """Forget the letter before, and say whether the server goes on listening.

        Args:
            ends_at: when the first half, which begins here, has lasted long enough.
        """
        self._ends_at = ends_at
        try:
            async with asyncio.timeout(self._timeout * _SHARE_FOR_RSET):
                await self._client.rset()
        except (SMTPException, OSError, TimeoutError):
            self._drop()
        return self.is_open

    async def name_sender(self, sender: str, to: str, raw: bytes) -> None:
        """Begin with a letter."""
        self.letters += 1
        options, encoding = self._options(sender, to, raw)
        with self._not_accepted():
            async with asyncio.timeout_at(self._ends_at):
                try:
                    await self._client.mail(sender, options=options, encoding=encoding)
                except SMTPResponseException as error:
                    if error.code not in _LOGIN_ASKED:
                        raise
                    asked = "The mail server asks for a login or encryption first"
                    raise Temporary(f"{asked}: {words(error)}") from error

    async def name_recipient(self, to: str) -> None:
        """Say whom the letter is for; nothing of it leaves yet."""
        options = notifications.at_rcpt(to) if self._client.supports_extension("dsn") else []
        with self._not_accepted():
            async with asyncio.timeout_at(self._ends_at):
                await self._client.rcpt(to, options=options, encoding="ascii" if to.isascii() else "utf-8")

    async def hand_over(self, raw: bytes, is_late: Callable[[], bool]) -> str:
        """Send the letter itself and return the server's answer.

        Args:
            is_late: asked when the server waits for the letter; whether it must not leave any more.
        """
        ends_at = asyncio.get_running_loop().time() + self._timeout
        with self._not_accepted():
            async with asyncio.timeout_at(ends_at):
                answer = await self._client.execute_command(b"DATA")
        protocol = self._client.protocol  # gone if the server hung up after its go-ahead
        if answer.code != GO_AHEAD or protocol is None:
            self._close_if_leaving(answer)
            raise refusal(answer)
        if is_late():
            self._drop()  # a server that has not seen the end of a letter does not take it
            raise Temporary(
                "The machine or this process stood still for too long, so that the letter did not leave."
            )
        return await self._answer_to(raw, protocol, ends_at)

    async def close(self) -> None:
        """Take leave if there is anyone to take leave of; never raises for the server's part."""
        protocol = self._client.protocol
        with suppress(SMTPException, OSError):
            if self._client.is_connected:
                await self._client.quit(timeout=_FAREWELL_SECONDS)
        self._drop(protocol)
        for _ in range(_TURNS_TO_CLOSE):
            if protocol is not None and protocol.transport is not None:
                await asyncio.sleep(0)

    def _drop(self, protocol: SMTPProtocol | None = None) -> None:
        """End the connection here and now; whoever is silent is not told goodbye, nor is TLS ended in order."""
        protocol = protocol or self._client.protocol
        self._client.close()
        if protocol is not None and isinstance(protocol.transport, asyncio.Transport):
            protocol.transport.abort()

    @contextmanager
    def _not_accepted(self) -> Iterator[None]:
        """Turn trouble of the library, before anything was handed over, into ours."""
        try:
            yield
        except SMTPResponseException as error:
            raise refusal(SMTPResponse(error.code, error.message)) from error
        except (SMTPException, OSError, TimeoutError) as error:
            self._drop()
            raise Temporary(f"The mail server cannot be used now: {words(error)}") from error

    def _options(self, sender: str, to: str, raw: bytes) -> tuple[list[str], str]:
        """Return what to ask at MAIL, and how addresses are encoded."""
        can = self._client.supports_extension
        options = [f"SIZE={len(raw)}"] if can("size") else []
        if can("dsn"):
            options += notifications.at_mail(raw)
        if sender.isascii() and to.isascii() and raw.isascii():
            return options, "ascii"
        if not can("smtputf8"):
            raise Permanent(f"The mail server takes no address with letters beyond a to z, such as {to}.")
        return [*options, "SMTPUTF8", "BODY=8BITMIME"], "utf-8"

    async def _answer_to(self, raw: bytes, protocol: SMTPProtocol, ends_at: float) -> str:
        """Send the content; from its first byte until the answer, trouble leaves us not knowing.

        aiosmtplib's own ``data()`` does not tell a connection lost before the go-ahead from one lost
        after it; the former is only trouble, and far better than a question for a human.
        """
        try:
            async with asyncio.timeout_at(ends_at):
                protocol.write(dotted(raw))
                answer = await protocol.read_response()
        except (SMTPException, OSError, TimeoutError) as error:
            self._drop()
            raise Unknown(f"The connection ended before the mail server answered: {words(error)}") from error
        if 200 <= answer.code < 300:
            return told(answer)
        self._close_if_leaving(answer)
        raise refusal(answer, otherwise=Unknown)

    def _close_if_leaving(self, answer: SMTPResponse) -> None:
        """End what the library does not: with a server that says it closes, or that answers what nobody asked."""
        if answer.code == 421 or answer.code // 100 not in (4, 5):
            self._drop()


def dotted(raw: bytes) -> bytes:
    """Return the letter as SMTP carries it: lines ended alike, leading dots doubled, a dot last."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", raw).removesuffix(b"\r\n") + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", lines) + b".\r\n"
