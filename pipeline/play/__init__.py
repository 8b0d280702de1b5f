"""A season replayed: event files run through the real processes, with a clock that is moved."""

from __future__ import annotations

from pipeline.play.script import Line, read_script
from pipeline.play.season import Played, Progress, Season
from pipeline.play.stage import PlayError, QueueStage, Stage

__all__ = ["Line", "PlayError", "Played", "Progress", "QueueStage", "Season", "Stage", "read_script"]
