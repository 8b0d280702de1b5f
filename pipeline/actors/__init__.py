"""One thin actor a stage. Messages carry ids and say "look at this"; every one may arrive twice.

Importing a module of this package binds its actors to the broker that is set then.
"""

from __future__ import annotations

from pipeline.actors import assignment, completeness, decision, delivery, dispatch, intake, logo, reminders

__all__ = ["assignment", "completeness", "decision", "delivery", "dispatch", "intake", "logo", "reminders"]
