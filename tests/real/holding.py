"""A mail server that has a letter and does not answer before it is told to."""

# ruff: noqa: N802 -- aiosmtpd calls its methods by the names of commands

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.serving import in_a_thread

LONGEST_SECONDS = 120.0


class Holding:
    """What it has, and when it may answer; ``has_one`` is set while a letter waits for that."""

    def __init__(self) -> None:
        self.port = 0
        self.accepted: list[bytes] = []
        self.has_one = threading.Event()
        self.may_answer = threading.Event()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.has_one.set()
        await asyncio.to_thread(self.may_answer.wait, LONGEST_SECONDS)
        self.accepted.append(envelope.original_content or b"")
        return "250 2.0.0 taken"


@contextmanager
def holding() -> Iterator[Holding]:
    """Serve on a free port of loopback, in a thread, for as long as the block lasts."""
    ours = Holding()
    loop = asyncio.new_event_loop()
    serving = loop.run_until_complete(
        loop.create_server(lambda: SMTP(ours, loop=loop, hostname="mail.example"), "127.0.0.1", 0)
    )
    with in_a_thread(loop, serving) as ours.port:
        try:
            yield ours
        finally:
            ours.may_answer.set()
