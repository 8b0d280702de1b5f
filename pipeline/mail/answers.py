"""What a mail server's answer, or its silence, tells about a letter."""

from __future__ import annotations

from typing import Final

from aiosmtplib import SMTPResponseException
from aiosmtplib.response import SMTPResponse

from pipeline.errors import PipelineError, shorten

_ANSWER_LENGTH: Final = 500  # characters of a server's answer that are kept


class MailError(PipelineError):
    """A letter was not delivered, or may not have been; ``str(error)`` has the server's words."""


class Temporary(MailError):
    """The server surely does not have the letter; the same letter may be accepted later."""


class Permanent(MailError):
    """The server refused the letter or its recipient for good; a human has to look."""


class Unknown(MailError):
    """The connection ended while the server had the letter and had not answered."""


class Aborted(MailError):
    """The caller's ``before_data`` said no; the letter was not handed over."""


def refusal(answer: SMTPResponse, otherwise: type[MailError] = Temporary) -> MailError:
    """Return the error for an answer; one that is no refusal leads to ``otherwise``."""
    kind = {4: Temporary, 5: Permanent}.get(answer.code // 100, otherwise)
    return kind(f"The mail server answered: {told(answer)}")


def told(answer: SMTPResponse) -> str:
    """Return an answer as one line."""
    return shorten(f"{answer.code} {' '.join(answer.message.split())}".strip(), _ANSWER_LENGTH)


def words(error: BaseException) -> str:
    """Return what is to be told of trouble with a connection, as one line."""
    if isinstance(error, SMTPResponseException):
        return told(SMTPResponse(error.code, error.message))
    if isinstance(error, TimeoutError) and not str(error):
        return "it took too long"
    return shorten(" ".join(str(error).split()) or type(error).__name__, _ANSWER_LENGTH)
