"""One line an event in the log: for people at a terminal, or JSON for a collector. See docs/logs.md."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Literal

import structlog

from pipeline.errors import PipelineError
from pipeline.logs.masking import Mask

__all__ = ["about", "begin", "configure", "ended_in_a_sentence", "keep_quiet"]

_log = structlog.get_logger()


def configure(style: Literal["text", "json"], secrets: Collection[str] = ()) -> None:
    """Let structlog, the libraries' loggers, warnings and what nobody caught write alike to standard error.

    Args:
        secrets: what no line may show, wherever it stands.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    last: list[structlog.typing.Processor] = [*_formatted(), Mask(secrets), _renderer(style)]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # which tells of every look at the revision
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def keep_quiet() -> None:
    """Write no lines at all: for a program that itself tells people what is wrong."""
    structlog.configure(
        processors=[  # what nobody asked for is dropped before time is spent on how it looks
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    logging.getLogger().addHandler(logging.NullHandler())


@contextmanager
def ended_in_a_sentence() -> Iterator[None]:
    """End the process where one of our errors says what is wrong: with its sentence, and no traceback."""
    try:
        yield
    except PipelineError as error:
        print(error, file=sys.stderr, flush=True)
        raise SystemExit(error.exit_code) from None


def begin(**about: str) -> None:
    """Begin a piece of work: every line of this thread tells ``about`` until the next begins."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**about)


def about(correlation: str | None, **more: str) -> None:
    """Let every line tell more of the work, and what set it off unless that is known already."""
    known = structlog.contextvars.get_contextvars()
    if correlation is not None and "correlation" not in known:
        more["correlation"] = correlation
    structlog.contextvars.bind_contextvars(**more)


def _formatted() -> list[structlog.typing.Processor]:
    """An exception becomes text before anything is masked."""
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        structlog.processors.StackInfoRenderer(),
    ]


def _renderer(style: Literal["text", "json"]) -> structlog.typing.Processor:
    if style == "json":
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        _log.critical("uncaught", exc_info=(kind, error, trace))


def _uncaught_in_thread(found: threading.ExceptHookArgs) -> None:
    if found.exc_value is not None:
        _uncaught(found.exc_type, found.exc_value, found.exc_traceback)
