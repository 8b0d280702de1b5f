"""What every test shares: hypothesis without a time limit, since machines differ in speed."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
