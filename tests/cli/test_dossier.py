"""`pipeline case --pdf`: where the dossier goes, and with what it does not go together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_dossier_is_written_where_it_is_wanted(season: Run, tmp_path: Path) -> None:
    file = tmp_path / "zaak.pdf"
    told = season("case", "a-2026-000003", "--pdf", "-o", file, "--by", "Ineke Vermeer", "--for-provider")

    assert (told.code, " ".join(told.out.split())) == (0, f"Written: {file}")
    assert file.read_bytes().startswith(b"%PDF-1.7")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--pdf", "--json"], "--pdf and --json do not go together."),
        (["--for-provider"], "--out, --for-provider and --by go with --pdf."),
    ],
)
def test_options_that_do_not_go_together_are_said_so(season: Run, options: list[str], said: str) -> None:
    told = season("case", "A-2026-000003", *options)

    assert told.code == 2
    assert said in " ".join(told.err.split())
