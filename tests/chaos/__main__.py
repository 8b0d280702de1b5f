"""``scripts/chaos``: see docs/chaos.md."""

from __future__ import annotations

import argparse
import json
import logging
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tests.chaos.report import show
from tests.chaos.run import Asked, run


def main() -> int:
    """Run and tell; the exit code is 1 when a rule was broken."""
    parser = argparse.ArgumentParser(prog="scripts/chaos", description="Break everything, then check.")
    parser.add_argument("--seconds", type=float, default=60, help="how long things break (60)")
    parser.add_argument("--seed", type=int, default=1, help="what breaks when, and what is dropped (1)")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--cases", type=int, default=250, help="how many are opened (250)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--keep", action="store_true", help="keep home and logs also when all is well")
    asked = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)  # that Redis is away now and then is what it is about
    folder = Path(tempfile.mkdtemp(prefix="vs-chaos-"))
    report = run(Asked(asked.database, asked.seed, asked.seconds, asked.cases), folder / "home")
    if asked.json:
        print(json.dumps(report.as_json(), indent=2))
    else:
        show(report, Console(width=None if sys.stdout.isatty() else 110))
    if asked.keep or not report.holds:
        print(f"Home and logs are in {folder}.", file=sys.stderr)
    else:
        shutil.rmtree(folder)
    return 0 if report.holds else 1


if __name__ == "__main__":
    sys.exit(main())
