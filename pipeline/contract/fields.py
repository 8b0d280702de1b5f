"""The kinds of value that an event may hold, each with its check and its JSON Schema."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    FailFast,
    StrictBool,
    StrictInt,
    StrictStr,
    WithJsonSchema,
)

from pipeline.contract.faults import FILL_IN, custom, told
from pipeline.contract.moments import instant
from pipeline.errors import shorten

# Unicode's control characters (Cc), and for one line its line and paragraph separators (Zl, Zp).
# Format characters (Cf), such as those that turn the direction of writing, are text.
_NOT_IN_LINE: Final = r"\u0000-\u001f\u007f-\u009f\u2028\u2029"
_NOT_IN_TEXT: Final = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f"
_CONTROL_IN_LINE: Final = re.compile(f"[{_NOT_IN_LINE}]")
_CONTROL_IN_TEXT: Final = re.compile(f"[{_NOT_IN_TEXT}]")
SURROGATE: Final = re.compile("[\ud800-\udfff]")

_HOURS: Final = r"[0-9]+(\.[0-9]+)?"
_REMOVE: Final = "Remove it and send the event again."


def _line(value: str) -> str:
    return _without(_CONTROL_IN_LINE, "one line of text without control characters", value)


def _text(value: str) -> str:
    return _without(_CONTROL_IN_TEXT, "text with no control characters but tabs and line breaks", value)


def _without(pattern: re.Pattern[str], expected: str, value: str) -> str:
    found = pattern.search(value)
    if found is None:
        return value
    got = f"control character U+{ord(found.group()):04X} in {shorten(value, 100)}"
    raise custom("control_characters", expected, got=got, advice=_REMOVE)


def _not_blank(value: str) -> str:
    if value.strip():
        return value
    raise custom("required", "a text that is not blank", advice=FILL_IN)


def _not_empty(value: str) -> str:
    if value:
        return value
    raise custom("required", "a text that is not empty", advice=FILL_IN)


def _hours(value: str) -> str:
    if re.fullmatch(_HOURS, value):
        return value
    if value.strip().startswith("-"):
        raise custom(
            "hours_negative", "hours of 0 or more", advice="Hours cannot be negative. Send them again."
        )
    pointed = value.strip().replace(",", ".")
    example = pointed if re.fullmatch(_HOURS, pointed) else "7.5"
    advice = "Write hours as digits, decimals with a point, and send the event again."
    raise custom("hours_format", f"hours as text such as {shorten(example, 40)}", advice=advice)


def _hours_as_text(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        advice = "Hours are decimals as text: put quotes around the number and send the event again."
        raise custom("wrong_type", f'decimals as text, "{shorten(value, 40)}"', advice=advice)
    return value


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value  # JSON: 3.0 is 3


def _score(value: int) -> int:
    if 1 <= value <= 4:
        return value
    raise custom("score", "a score of 1, 2, 3 or 4", got=told(value))


def _moment(value: str) -> str:
    try:
        instant(value)
    except ValueError as error:
        advice = f"Write it as 2026-11-23T09:30:00+01:00 and send the event again ({error})."
        raise custom("time_offset", "a date and time with an offset (RFC 3339)", advice=advice) from error
    return value


def _version(value: str) -> str:
    if value == "1.0":
        return value
    raise custom("specversion", "1.0", advice="Send it again as CloudEvents 1.0.")


def _not_self_study(value: object) -> object:
    if value == "self_study":
        advice = "Teachers enter professional self-study themselves: a provider cannot submit it."
        raise custom("self_study", "an activity that a provider gives", advice=advice)
    return value


def storable_line(value: object) -> bool:
    """Tell whether ``value`` is text, not empty, on one line and to be stored as UTF-8."""
    if not isinstance(value, str) or not value:
        return False
    return not (_CONTROL_IN_LINE.search(value) or SURROGATE.search(value))


class OneFaultEach(FailFast):
    """Ends the check of a list at its first fault; hashable, as a member of a union must be."""

    __hash__ = object.__hash__


def _schema(kind: str, **more: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": kind, **more})


_LINE_SCHEMA: Final = {"not": {"pattern": f"[{_NOT_IN_LINE}]"}}
_TEXT_SCHEMA: Final = {"not": {"pattern": f"[{_NOT_IN_TEXT}]"}}

Line = Annotated[StrictStr, AfterValidator(_line), _schema("string", **_LINE_SCHEMA)]
Text = Annotated[StrictStr, AfterValidator(_text), _schema("string", **_TEXT_SCHEMA)]
FilledLine = Annotated[Line, AfterValidator(_not_blank), _schema("string", pattern=r"\S", **_LINE_SCHEMA)]
FilledText = Annotated[Text, AfterValidator(_not_blank), _schema("string", pattern=r"\S", **_TEXT_SCHEMA)]
Attribute = Annotated[Line, AfterValidator(_not_empty), _schema("string", minLength=1, **_LINE_SCHEMA)]
Flag = StrictBool
HoursText = Annotated[
    StrictStr,
    AfterValidator(_hours),
    BeforeValidator(_hours_as_text),
    _schema("string", pattern=f"^{_HOURS}$"),
]
Score = Annotated[
    StrictInt, BeforeValidator(_whole), AfterValidator(_score), _schema("integer", minimum=1, maximum=4)
]
Moment = Annotated[StrictStr, AfterValidator(_moment), _schema("string", format="date-time")]
Version = Annotated[StrictStr, AfterValidator(_version), _schema("string", const="1.0")]

ActivityKind = Literal[
    "programme", "course", "study_day", "conference", "other_in_school", "other_outside_school"
]
ActivityType = Annotated[ActivityKind, BeforeValidator(_not_self_study)]
Sector = Literal["po", "vo", "mbo", "so"]
Sectors = Annotated[list[Sector], OneFaultEach()]
Category = Literal["subject", "didactic", "pedagogic", "general"]
FormOfAddress = Literal["heer", "mevrouw"]
TestKind = Literal["exam", "test", "assignment"]
Verdict = Literal["approve", "defer", "reject", "recuse"]
About = Literal["decision", "hours"]
