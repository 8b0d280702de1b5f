from __future__ import annotations

import pytest

from pipeline.play import Season, read_script
from tests.stages import SAMPLES, System


def test_a_play_that_is_broken_off_lets_the_clock_and_the_waker_go_on(
    home: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted() -> None:
        assert home.app.clock.is_held()
        raise KeyboardInterrupt

    lines = read_script([SAMPLES / "season.jsonl"])
    home.app.clock.make(lines[0].time)
    monkeypatch.setattr(home.stage, "rest", interrupted)

    with pytest.raises(KeyboardInterrupt):
        Season(home.app, home.stage, lines).play()

    assert not home.app.clock.is_held()
