"""``python -m pipeline.workers``: dramatiq's own program, with its lines in the log like all others.

It takes the arguments of ``dramatiq``, but for the module of the actors, which is ours; ``dramatiq
pipeline.worker`` does the same with lines of its own.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence

from dramatiq import cli

from pipeline.errors import SettingsError
from pipeline.logs import configure
from pipeline.settings import Settings

MODULE = "pipeline.worker"


def main(arguments: Sequence[str]) -> int:
    """Start worker processes and keep them running until asked to stop; returns the exit code."""
    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    configure(settings.log_format, settings.secrets)
    parser: ArgumentParser = cli.make_argument_parser()  # type: ignore[no-untyped-call]  # dramatiq's program has no types
    run: Callable[[Namespace], int] = cli.main
    return run(parser.parse_args([MODULE, "--skip-logging", *arguments]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
