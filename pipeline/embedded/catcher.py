"""A mail server for one machine: accepts every letter, delivers none, keeps each as a file in a Maildir."""

from __future__ import annotations

import asyncio
import mailbox
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Final

from aiosmtpd.smtp import SMTP, Envelope, Session

NAME: Final = "localhost"  # asking for the machine's own name may take long
FULL: Final = "452 The letter could not be kept; try again later"


class Keeping:
    """What the server does with a letter; it answers 250 only when the letter is on disk."""

    def __init__(self, folder: Path) -> None:
        self._box = mailbox.Maildir(folder, create=True)
        self._new = folder / "new"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 -- its name in aiosmtpd
        try:
            key = self._keep(envelope)
        except OSError as error:
            print(f"A letter could not be kept: {error}", file=sys.stderr, flush=True)
            return FULL
        return f"250 Kept as {key}"

    def _keep(self, envelope: Envelope) -> str:
        """Add a file that appears at once and whole; lines end as is usual in a Maildir."""
        said = envelope.original_content or b""
        sent_to = "".join(f"Delivered-To: {recipient}\n" for recipient in envelope.rcpt_tos)
        traces = f"Return-Path: <{envelope.mail_from}>\n{sent_to}".encode()
        key = self._box.add(traces + said.replace(b"\r\n", b"\n"))
        _to_disk(self._new)
        return key


async def serve(listening: socket.socket, folder: Path) -> None:
    """Serve on a socket that somebody else opened, until told to stop."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    keeping = Keeping(folder)
    server = await loop.create_server(
        lambda: SMTP(keeping, hostname=NAME, enable_SMTPUTF8=True, loop=loop), sock=listening
    )
    await stop.wait()
    server.close()


def main() -> None:
    """Serve on the open socket with number ``argv[1]``; keep letters in the folder ``argv[2]``."""
    with socket.socket(fileno=int(sys.argv[1])) as listening:
        asyncio.run(serve(listening, Path(sys.argv[2])))


def _to_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


if __name__ == "__main__":
    main()
