"""The command line, `pipeline …`: one module for each group of commands."""

from __future__ import annotations

from pipeline.cli.entry import main

__all__ = ["main"]
