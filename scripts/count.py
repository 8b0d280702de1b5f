"""Count messages and writing transactions of the sample season, in one process; prints JSON."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from sqlalchemy import event, func, select

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from pipeline.logs import keep_quiet  # noqa: E402 -- the same
from pipeline.store import tables  # noqa: E402 -- needs the path set above
from tests.casework.conftest import SEASON, play  # noqa: E402
from tests.stages import LocalStage, System, system  # noqa: E402


class Counting(LocalStage):
    """Counts every message that is worked on."""

    messages = 0

    def _work(self, message: object) -> None:
        self.messages += 1
        super()._work(message)  # type: ignore[arg-type]


def main() -> None:
    """Play and print."""
    keep_quiet()
    with tempfile.TemporaryDirectory() as folder:
        made = system(Path(folder))
        stage = Counting(made.app, made.clock)
        commits = [0]
        event.listen(
            made.app.database.writers, "commit", lambda connection: commits.__setitem__(0, commits[0] + 1)
        )
        play(System(made.app, made.clock, made.mailer, stage), *SEASON)
        with made.app.database.reading() as connection:
            counts = {
                name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in (("cases", tables.cases), ("letters", tables.letters))
            }
        made.app.database.close()
    print(json.dumps({"messages": stage.messages, "transactions": commits[0], **counts}))


if __name__ == "__main__":
    main()
