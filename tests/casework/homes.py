"""Homes that are lost and restored, on databases of either kind, all in this process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from pipeline import wiring
from pipeline.casework import overview, restoring, settling
from pipeline.casework.restoring import Restored
from pipeline.settings import Settings
from pipeline.store import backup, schema
from pipeline.store.archive import Archive
from pipeline.store.engines import Database
from tests.stages import SetClock, System, ids, system

RESTORED_IDS = 1 << 40  # where the ids of a restored home begin: apart from those of the lost one
LATER = timedelta(minutes=20)


@dataclass
class Homes:
    """Makes homes, and closes them when a test ends."""

    folder: Path
    made: list[System] = field(default_factory=list)

    def migrated(self, url: str = "", **environ: str) -> System:
        """Make a home's tables as `pipeline migrate` does."""
        database = Database(self._database(url))
        schema.upgrade(database)
        database.close()
        return self._opened(url, **environ)

    def restored(
        self, file: Path, url: str = "", *, on: datetime | None = None, **environ: str
    ) -> tuple[System, Restored]:
        """Restore a backup into a database without tables, and open that home.

        Args:
            on: when, by the system's clock; by default some minutes after the backup was made.
        """
        with Archive(file) as archive:
            moment = on or archive.manifest.made_at + LATER
            settings = Settings.from_env(self._environ(url, environ))
            app = wiring.build(settings, system=SetClock(moment), ids=ids(RESTORED_IDS))
            made = restoring.restore_from(app, archive, "operator")
            app.database.close()
        home = self._opened(url, **environ)
        home.clock.at = moment
        home.app = home.stage.app = replace(home.app, new_id=ids(RESTORED_IDS + 1000))
        wiring.install(home.app)
        return home, made

    def close(self) -> None:
        for home in self.made:
            home.app.database.close()

    def _opened(self, url: str, **environ: str) -> System:
        told = self._environ(url, environ)
        folder = Path(told.pop("PIPELINE_HOME"))
        self.made.append(system(folder, **told))
        return self.made[-1]

    def _environ(self, url: str, environ: dict[str, str]) -> dict[str, str]:
        folder = str(self.folder / f"home{len(self.made)}")
        return {"PIPELINE_HOME": folder, "PIPELINE_DATABASE_URL": self._database(url), **environ}

    def _database(self, url: str) -> str:
        return url or f"sqlite:///{self.folder}/home{len(self.made)}/pipeline.db"


def backed_up(home: System, file: Path) -> Path:
    backup.write(home.app.database, file, home.app.system.now())
    return file


def states(home: System) -> Counter[str]:
    return Counter(letter["state"] for letter in overview.letters(home.app))


def settle(home: System, accepted: Iterable[str]) -> None:
    """Settle what a relay accepted, by its Message-IDs."""
    log = [f"{message_id}\n".encode() for message_id in accepted]
    settling.settle(home.app, settling.look_up(home.app, log, is_complete=False), "operator")
