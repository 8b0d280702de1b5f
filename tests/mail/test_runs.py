"""When and where an activity is given, as a letter tells it."""

from __future__ import annotations

import pytest

from pipeline.mail.runs import told


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (("2027-02-10", "2027-06-23", "Utrecht"), "10 februari tot en met 23 juni 2027, Utrecht"),
        (("2027-02-10", "2027-02-10", None), "10 februari 2027"),
        (("2027-02-10", None, "Utrecht"), "10 februari 2027, Utrecht"),
        (("2027-06-23", "2027-02-10", None), "23 juni 2027 tot en met 10 februari 2027"),  # as it was written
        (("voorjaar 2027", None, None), "voorjaar 2027"),
        ((None, None, None), "datum nog niet bekend"),
    ],
)
def test_run_is_told_as_far_as_it_is_known(run: tuple[str | None, ...], said: str) -> None:
    assert told(dict(zip(("starts_on", "ends_on", "city"), run, strict=True))) == said
