"""Where every command begins and ends: whatever goes wrong is one sentence and an exit code."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import redis
import typer
from sqlalchemy.exc import DBAPIError
from typer import TyperException

from pipeline.cli import signals
from pipeline.cli.commands import app
from pipeline.errors import PipelineError, SettingsError, UsageError
from pipeline.logs import keep_quiet

UNREACHABLE: Final = 4
INTERRUPTED: Final = 130  # as shells say it of Ctrl-C


def main(args: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        args: as typed after `pipeline`; by default those of this process.
    """
    keep_quiet()  # what is wrong is told by the command itself
    _show_what_cannot_be_encoded()
    with signals.ending_in_order():
        return _told(lambda: app(args, prog_name="pipeline", standalone_mode=False))


def _told(command: Callable[[], object]) -> int:
    try:
        code = command()
        sys.stdout.flush()
    except PipelineError as error:
        return _say(_told_of(error), error.exit_code)
    except TyperException as error:
        return _say(_sentence(error.format_message()), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _say("Stopped.", INTERRUPTED)
    except BrokenPipeError:
        return _say_nothing()
    except redis.RedisError as error:
        return _say(f"Redis does not answer: {error}.", UNREACHABLE)
    except OSError as error:
        return _say(f"{error.filename or 'A file'}: {error.strerror or error}.", 1)
    except Exception as error:  # noqa: BLE001 -- nobody is to be shown a traceback
        return _say(_unexpected(error), 1)
    return code if isinstance(code, int) else 0


def _say(sentence: str, code: int) -> int:
    if sentence:  # help that was shown for want of a command says nothing more
        print(sentence, file=sys.stderr)
    return code


def _say_nothing() -> int:
    """Whoever read what we wrote has left; keep Python from telling that once more at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _told_of(error: PipelineError) -> str:
    """Return its sentence, or one a line for each setting or line that is at fault; of a driver's many the first."""
    every = isinstance(error, SettingsError | UsageError)
    return str(error) if every else str(error).partition("\n")[0]


def _sentence(text: str) -> str:
    return text if not text or text.endswith((".", "?", "!")) else f"{text}."


def _unexpected(error: Exception) -> str:
    handle, path = tempfile.mkstemp(prefix="pipeline-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8") as log:
        log.write("".join(traceback.format_exception(error)))
    what = str(error.orig if isinstance(error, DBAPIError) else error)
    return f"Something went wrong that should not: {type(error).__name__}: {what} (more in {Path(path)})."


def _show_what_cannot_be_encoded() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
