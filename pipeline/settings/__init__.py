"""Where this installation's parts are, and the register's rules; all of it checked whole at start."""

from __future__ import annotations

from pipeline.settings.environment import ADDRESSES, Settings, is_password_in_the_open, without_password
from pipeline.settings.files import load_calendar, load_policy, load_regions

__all__ = [
    "ADDRESSES",
    "Settings",
    "is_password_in_the_open",
    "load_calendar",
    "load_policy",
    "load_regions",
    "without_password",
]
