"""Parts that end the process at one point exactly, in a test or in a process of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, NoReturn

import dramatiq
from dramatiq.brokers.stub import StubBroker

from pipeline.casework import issuing
from pipeline.mail.smtp import Mailer, SmtpMailer
from pipeline.settings import Settings
from pipeline.wiring import App, build, install
from tests import stages

ENDED: Final = 9  # the exit code

End = Callable[[], NoReturn]


class _Deaf(StubBroker):
    """Takes no hint: the process ends first."""

    def __init__(self, end: End) -> None:
        super().__init__()
        self._end = end

    def enqueue(self, message: dramatiq.Message[Any], *, delay: int | None = None) -> dramatiq.Message[Any]:
        self._end()


class _AfterSending:
    """Ends once it is committed that the letter is being sent, before anything of it leaves."""

    def __init__(self, usual: Mailer, end: End) -> None:
        self._usual, self._end = usual, end

    def deliver(self, sender: str, to: str, raw: bytes, *, before_data: Callable[[], bool]) -> str:
        def begin() -> bool:
            before_data()
            self._end()

        return self._usual.deliver(sender, to, raw, before_data=begin)


class _AfterAnswer(_AfterSending):
    """Ends when the server has accepted the letter, before that is written."""

    def deliver(self, sender: str, to: str, raw: bytes, *, before_data: Callable[[], bool]) -> str:
        self._usual.deliver(sender, to, raw, before_data=before_data)
        self._end()


def after_commit(app: App, end: End) -> App:
    """Return the parts of a process that ends after a commit, before the hint that follows it."""
    return replace(app, broker=_Deaf(end))


def after_sending(app: App, end: End) -> App:
    """Return the parts of a process that ends when a letter is about to leave."""
    return replace(app, given_mailer=_AfterSending(app.mailer, end))


def after_answer(app: App, end: End) -> App:
    """Return the parts of a process that ends when a letter has just been accepted."""
    return replace(app, given_mailer=_AfterAnswer(app.mailer, end))


def in_picture(app: App, end: End) -> App:
    """Let this process end while it draws a logo; drawing is no part of the app."""
    setattr(issuing, "draw", lambda facts, size: end())  # noqa: B010 -- mypy does not see that it is there
    return app


POINTS: Final[Mapping[str, Callable[[App, End], App]]] = {
    "after commit": after_commit,
    "after sending": after_sending,
    "after answer": after_answer,
    "in picture": in_picture,
}


def main() -> None:
    """Run the actor ``argv[2]`` with ``argv[3]`` and end at the point ``argv[1]``; it is ``argv[4]`` o'clock."""
    point, actor, key, moment = sys.argv[1:]
    settings = Settings.from_env(os.environ)
    clock = stages.SetClock(datetime.fromisoformat(moment))
    usual = SmtpMailer(settings.address("smtp"), timeout=60.0)
    app = build(settings, system=clock, mailer=usual, broker=stages.broker)
    install(POINTS[point](app, lambda: os._exit(ENDED)))
    stages.broker.get_actor(actor).fn(key)


if __name__ == "__main__":
    main()
