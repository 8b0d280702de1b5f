"""Connections that are kept between letters, all of them on one loop in a thread of its own.

A connection belongs to the loop on which it was made. The loop runs also while nobody sends
anything, so that it notices when the server hangs up and closes what was idle for too long.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final, TypeVar

from pipeline.mail.answers import Temporary
from pipeline.mail.conversation import Conversation

# Servers wait for five minutes (RFC 5321, 4.5.3.2.7), some for less when they are busy.
IDLE_SECONDS: Final = 20.0
LETTERS_EACH: Final = 100  # some servers take only so many on one connection
_CLOSING_SECONDS: Final = 5.0

Answer = TypeVar("Answer")


class Connections:
    """Lends connections to one server to any number of threads, each to one at a time."""

    def __init__(
        self, dial: Callable[[], Conversation], *, timeout: float, idle_seconds: float, letters_each: int
    ) -> None:
        """Keep how to make a connection; opens nothing and starts no thread.

        Args:
            dial: returns a connection that is not open yet.
            timeout: seconds that each half of a conversation may take.
            idle_seconds: how long a connection is kept that nobody uses.
            letters_each: how many letters go over one connection.
        """
        self._dial = dial
        self._timeout = timeout
        self._idle_seconds = idle_seconds
        self._letters_each = letters_each
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        # What follows is touched on the loop only.
        self._idle: dict[Conversation, asyncio.TimerHandle] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Do something on the loop, and wait for what it comes to."""
        with self._starting:
            loop = self._loop or self._start()
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    async def addressed(self, sender: str, to: str, raw: bytes) -> Conversation:
        """Return a connection that waits for this letter: sender and recipient are accepted.

        A kept connection that does not take the sender is given up for a new one, since
        nothing was said on it yet; whatever a new one answers is the answer.
        """
        ends_at = asyncio.get_running_loop().time() + self._timeout
        conversation = await self._kept(ends_at)
        if conversation is None or not await self._takes(conversation, sender, to, raw):
            conversation = await self.opened(ends_at)
            await self._or_back(conversation, conversation.name_sender(sender, to, raw))
        await self._or_back(conversation, conversation.name_recipient(to))
        return conversation

    async def hand_over(self, conversation: Conversation, raw: bytes, is_late: Callable[[], bool]) -> str:
        """Send the letter and return the answer; nothing that befalls the caller interrupts this."""
        try:
            return await conversation.hand_over(raw, is_late)
        finally:
            self.give_back(conversation)

    async def opened(self, ends_at: float | None = None) -> Conversation:
        """Return a new connection.

        Raises:
            Temporary: the server cannot be reached or does not want us.
        """
        conversation = await asyncio.to_thread(self._dial)  # it may ask for our own name, which takes long
        try:
            await conversation.open(ends_at or asyncio.get_running_loop().time() + self._timeout)
        except BaseException:
            await conversation.close()
            raise
        return conversation

    def give_back(self, conversation: Conversation) -> None:
        """Keep a connection for the next letter, or part with it."""
        if not conversation.is_open or conversation.letters >= self._letters_each:
            self._part_with(conversation)
            return
        later = asyncio.get_running_loop().call_later
        self._idle[conversation] = later(self._idle_seconds, self._was_idle, conversation)

    async def let_go(self, conversation: Conversation) -> None:
        """Take back a connection whose letter is not to leave."""
        self.give_back(conversation)

    def close(self) -> None:
        """Take leave on every idle connection and stop the thread; a later letter starts it again."""
        with self._starting:
            loop, thread, self._loop = self._loop, self._thread, None
        if loop is None or thread is None:
            return
        with suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(self._close_all(), loop).result(_CLOSING_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()

    def _start(self) -> asyncio.AbstractEventLoop:
        self._idle, self._closing = {}, set()
        loop = self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=_serve, args=(loop,), name="mail", daemon=True)
        self._thread.start()
        return loop

    async def _kept(self, ends_at: float) -> Conversation | None:
        """Return a kept connection at whose other end somebody still is; the latest used first."""
        while self._idle:
            conversation, timer = self._idle.popitem()
            timer.cancel()
            if conversation.is_open and await conversation.is_still_there(ends_at):
                return conversation
            self._part_with(conversation)
        return None

    async def _takes(self, conversation: Conversation, sender: str, to: str, raw: bytes) -> bool:
        """Begin with a letter on a kept connection; False when only another one can tell more."""
        try:
            await conversation.name_sender(sender, to, raw)
        except Temporary:  # it died, or says that it has had enough
            self._part_with(conversation)
            return False
        except BaseException:
            self.give_back(conversation)
            raise
        return True

    async def _or_back(self, conversation: Conversation, step: Coroutine[Any, Any, None]) -> None:
        try:
            await step
        except BaseException:
            self.give_back(conversation)
            raise

    def _was_idle(self, conversation: Conversation) -> None:
        if self._idle.pop(conversation, None) is not None:
            self._part_with(conversation)

    def _part_with(self, conversation: Conversation) -> None:
        """Take leave without keeping anybody waiting."""
        closing = asyncio.get_running_loop().create_task(conversation.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def _close_all(self) -> None:
        for conversation in list(self._idle):
            self._idle[conversation].cancel()
            self._was_idle(conversation)
        await asyncio.gather(*self._closing, return_exceptions=True)


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    """Run a loop until it is stopped, and what is left on it to its end."""
    asyncio.set_event_loop(loop)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.get_loop().run_forever()
