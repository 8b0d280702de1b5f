"""Supplements: a JSON merge patch on what was first sent, and the result judged whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.contract.models import MODELS, EventType, Submission
from pipeline.contract.reading import checked


def merge_patch(target: Any, patch: Any) -> Any:
    """Return ``target`` after the JSON merge patch ``patch`` (RFC 7396); neither is changed."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def supplemented(
    event_type: EventType, data: Mapping[str, Any], changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the ``data`` of a submission after the ``changes`` of a supplement.

    Raises:
        Refused: the merged submission would be refused; the field is a path
            from the supplement's data (``changes.activity.title``).
    """
    merged: dict[str, Any] = merge_patch(data, changes)
    check_submission(event_type, merged, "changes.", order=changes)
    return merged


def check_submission(
    event_type: EventType,
    data: Mapping[str, Any],
    prefix: str = "",
    *,
    order: Mapping[str, Any] | None = None,
) -> Submission:
    """Return the data of a submission, judged whole.

    Args:
        event_type: PROVIDER_APPLIED or ACTIVITY_SUBMITTED.
        prefix: goes before the field of a refusal.
        order: the document whose order decides which fault is named; ``data`` itself by default.

    Raises:
        Refused: the first fault.
        ValueError: no submission has this type.
    """
    model = MODELS[event_type]
    if not issubclass(model, Submission):
        raise ValueError(f"{event_type} submits nothing")
    return checked(model, data, prefix, order)
