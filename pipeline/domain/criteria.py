"""What a verdict scores, as the contract names it; what each score means and weighs is policy."""

from __future__ import annotations

from typing import Final

from pipeline.domain.completeness import GROUNDS, REQUIREMENTS
from pipeline.domain.lifecycle import Kind

CONTENT: Final = ("goal", "programme", "planning", "hours")
# By the kind of case that holds the submission: an objection has the criteria of what it is about.
CRITERIA: Final = {Kind.ADMISSION: REQUIREMENTS, Kind.ACTIVITY: (*GROUNDS, *CONTENT)}
