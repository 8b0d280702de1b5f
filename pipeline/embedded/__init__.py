"""All that the pipeline needs, on one machine where nothing is installed."""

from __future__ import annotations

from pipeline.embedded.supervisor import Running, supervised

__all__ = ["Running", "supervised"]
