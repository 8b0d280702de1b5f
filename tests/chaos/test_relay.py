"""The misbehaving mail server does what each fault says, and knows what it accepted."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from pipeline.mail.smtp import MailError, Permanent, SmtpMailer, Temporary, Unknown
from tests.chaos.relay import FAULTS, Accepted, dealt, digest, relay

LETTER = b"Message-ID: <one@pipeline.example>\r\nSubject: Een\r\n" + b"\r\nregel" * 20 + b"\r\n"
COMES_TO = {
    "4xx to MAIL": Temporary,
    "5xx to MAIL": Permanent,
    "4xx to RCPT": Temporary,
    "5xx to RCPT": Permanent,
    "4xx to DATA": Temporary,
    "4xx to the letter": Temporary,
    "5xx to the letter": Permanent,
    "stall before the letter": Temporary,
    "stall after the letter": Unknown,
    "stall, letter accepted": Unknown,
    "line lost before DATA": Temporary,
    "line lost at DATA": Temporary,
    "line lost in the letter": Unknown,
    "line lost after the letter": Unknown,
    "line lost, letter accepted": Unknown,
}


def deliver(port: int) -> str:
    mailer = SmtpMailer(f"smtp://127.0.0.1:{port}", timeout=0.5)
    try:
        return mailer.deliver("a@pipeline.example", "b@provider.example", LETTER, before_data=lambda: True)
    finally:
        mailer.close()


@pytest.mark.parametrize("name", FAULTS)
def test_fault_comes_to_what_it_says(tmp_path: Path, name: str) -> None:
    with relay(tmp_path / "accepted", Random(1), share=1, kinds=[name]) as ours:
        with pytest.raises(MailError) as caught:
            deliver(ours.port)
        assert type(caught.value) is COMES_TO[name]
        assert len(ours.accepted()) == FAULTS[name].accepts
        assert ours.done == {name: 1}


def test_letter_without_a_fault_is_accepted_whole_and_in_order(tmp_path: Path) -> None:
    with relay(tmp_path / "accepted", Random(1), share=0) as ours:
        assert deliver(ours.port).startswith("250")
        deliver(ours.port)
        letter = Accepted("<one@pipeline.example>", "b@provider.example", digest(LETTER))
        assert ours.accepted() == [letter, letter]
        assert ours.has("<one@pipeline.example>")
        assert not ours.has("<two@pipeline.example>")


def test_server_that_is_to_behave_does(tmp_path: Path) -> None:
    with relay(tmp_path / "accepted", Random(1), share=1) as ours:
        ours.behave()
        assert deliver(ours.port).startswith("250")


def test_every_kind_is_dealt_before_any_comes_again() -> None:
    kinds = dealt(["a", "b", "c"], Random(1))
    assert [sorted(next(kinds) for _ in range(3)) for _ in range(4)] == [["a", "b", "c"]] * 4
