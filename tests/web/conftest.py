"""A furnished home, and a browser that looks at it; Redis is a stand-in where it only has to answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
import redis

from pipeline.web.site import build
from tests.stages import System, system
from tests.web.browser import Browser
from tests.web.furnish import AT, Furniture


@dataclass
class QuietRedis:
    """Answers what the page asks; raises ``fault`` instead where a test sets one."""

    workers: int = 1
    lengths: dict[str, tuple[int, int]] = field(default_factory=dict)
    fault: Exception | None = None
    asked: int = 0

    def client_list(self) -> list[dict[str, str]]:
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        return [{"id": str(one), "name": f"pipeline:looking:host:1:{one}"} for one in range(self.workers)]

    def pipeline(self, *, transaction: bool) -> QuietPipe:
        return QuietPipe(self.lengths)


@dataclass
class QuietPipe:
    lengths: dict[str, tuple[int, int]]
    answers: list[int] = field(default_factory=list)

    def __enter__(self) -> QuietPipe:
        return self

    def __exit__(self, *error: object) -> None: ...

    def llen(self, key: str) -> None:
        self.answers.append(self.lengths.get(key.removeprefix("dramatiq:"), (0, 0))[0])

    def hlen(self, key: str) -> None:
        queue = key.removeprefix("dramatiq:").removesuffix(".msgs")
        self.answers.append(sum(self.lengths.get(queue, (0, 0))))

    def execute(self) -> list[int]:
        return self.answers


@pytest.fixture
def made(tmp_path: Path) -> Iterator[System]:
    """A new simulated home that stands at the morning of 24 November 2026."""
    new = system(tmp_path / "home")
    new.app.clock.make(AT)
    yield new
    new.app.database.close()


@pytest.fixture
def furniture(made: System) -> Furniture:
    return Furniture(made.app)


@pytest.fixture
def quiet() -> QuietRedis:
    return QuietRedis()


@pytest.fixture
def browser(made: System, quiet: QuietRedis) -> Browser:
    return Browser(build(made.app, client=cast(redis.Redis, quiet)))
