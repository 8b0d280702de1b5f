"""What every table of the policy file is made of."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo


class Rules(BaseModel):
    """Base of every table in the policy file: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _exact(value: object, info: ValidationInfo) -> Decimal:
    if info.mode == "json" and isinstance(value, str):
        return Decimal(value)  # as we wrote it
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("must be a number")
    return Decimal(str(value))


Positive = Annotated[int, Field(ge=1)]
Exact = Annotated[Decimal, BeforeValidator(_exact)]
Share = Annotated[Exact, Field(gt=0, le=1)]
