"""Connections are kept between letters, and no letter suffers from one that has died meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import pytest

from pipeline.mail.smtp import Aborted, Permanent, SmtpMailer, Temporary, Unknown
from tests.mail.server import DROP, STALL, Letterbox, mail_server

SENDER = "register@register.example"
TO = "aanbieder@school.example"
RAW = b"From: register@register.example\r\nSubject: Goedgekeurd\r\n\r\nGoed nieuws.\r\n"


@contextmanager
def mailing(box: Letterbox, *, timeout: float = 5, **more: Any) -> Iterator[Callable[..., str]]:
    """Yield what delivers a letter to the server, over connections that last as long as the block."""
    url = f"smtp://127.0.0.1:{box.port}"
    with closing(SmtpMailer(url, timeout=timeout, **more)) as mailer:

        def deliver(before_data: Callable[[], bool] = lambda: True) -> str:
            return mailer.deliver(SENDER, TO, RAW, before_data=before_data)

        yield deliver


def test_letters_after_each_other_go_over_one_connection() -> None:
    with mail_server() as box, mailing(box) as deliver:
        for _ in range(20):
            deliver()
    assert (len(box.accepted), len(box.connections)) == (20, 1)


def test_letters_at_once_go_over_as_many_connections_as_there_are_senders() -> None:
    together = threading.Barrier(4)

    def commit() -> bool:
        together.wait(5)
        return True

    with mail_server() as box, mailing(box) as deliver, ThreadPoolExecutor(4) as senders:
        for _ in range(3):
            list(senders.map(deliver, [commit] * 4))
    assert (len(box.accepted), len(box.connections)) == (12, 4)


def test_connection_is_given_up_after_so_many_letters() -> None:
    with mail_server() as box, mailing(box, letters_each=3) as deliver:
        for _ in range(7):
            deliver()
    assert (len(box.accepted), len(box.connections)) == (7, 3)


def test_connection_that_nobody_uses_is_closed() -> None:
    with mail_server() as box, mailing(box, idle_seconds=0.01) as deliver:
        deliver()
        wait_until(lambda: not box.open_connections)
        deliver()
    assert (len(box.accepted), len(box.connections)) == (2, 2)


def test_nothing_is_open_once_the_mailer_is_closed() -> None:
    with mail_server() as box:
        with mailing(box) as deliver:
            deliver()
        wait_until(lambda: not box.open_connections)
        assert [thread.name for thread in threading.enumerate() if thread.name == "mail"] == []


def test_mailer_that_was_closed_can_go_on() -> None:
    with mail_server() as box, closing(SmtpMailer(f"smtp://127.0.0.1:{box.port}", timeout=5)) as mailer:
        for _ in range(2):
            mailer.deliver(SENDER, TO, RAW, before_data=lambda: True)
            mailer.close()
    assert len(box.accepted) == 2


def test_connection_that_the_server_closed_meanwhile_costs_no_letter() -> None:
    with mail_server() as box, mailing(box) as deliver:
        deliver()
        box.hang_up()
        deliver()
    assert (len(box.accepted), len(box.connections)) == (2, 2)


@pytest.mark.parametrize("stage", ["RSET", "MAIL"])
@pytest.mark.parametrize("fault", [DROP, "421 4.7.0 too many letters", "452 4.5.3 too many letters"])
def test_kept_connection_that_takes_no_letter_is_replaced_at_once(stage: str, fault: str) -> None:
    with mail_server() as box, mailing(box) as deliver:
        deliver()
        box.first_only = {stage: fault}
        deliver()
    assert (len(box.accepted), len(box.connections)) == (2, 2)


def test_silence_of_a_kept_connection_is_not_waited_for_at_length() -> None:
    with mail_server() as box, mailing(box, timeout=2) as deliver:
        deliver()
        box.first_only = {"RSET": STALL}
        deliver()
    assert (len(box.accepted), len(box.connections)) == (2, 2)


def test_trouble_on_a_new_connection_is_told_and_not_tried_again() -> None:
    with mail_server({"MAIL": "451 4.3.0 later"}) as box, mailing(box) as deliver:
        with pytest.raises(Temporary, match=r"451 4\.3\.0 later"):
            deliver()
        assert len(box.connections) == 1


def test_refusal_of_the_sender_is_final_on_a_kept_connection_too() -> None:
    with mail_server() as box, mailing(box) as deliver:
        deliver()
        box.faults["MAIL"] = "550 5.1.0 not you"
        with pytest.raises(Permanent, match=r"550 5\.1\.0 not you"):
            deliver()
        assert len(box.connections) == 1


@pytest.mark.parametrize("stage", ["RCPT", "DATA", "content"])
def test_next_letter_goes_over_the_connection_on_which_one_was_refused(stage: str) -> None:
    with mail_server({stage: "550 5.1.1 no"}) as box, mailing(box) as deliver:
        with pytest.raises(Permanent):
            deliver()
        box.faults.clear()
        deliver()
    assert (len(box.accepted), len(box.connections)) == (1, 1)


def test_next_letter_goes_over_the_connection_on_which_one_was_held_back() -> None:
    with mail_server() as box, mailing(box) as deliver:
        with pytest.raises(Aborted):
            deliver(lambda: False)
        deliver()
    assert (len(box.accepted), len(box.connections)) == (1, 1)


def test_fault_of_the_caller_leaves_the_connection_fit_for_use() -> None:
    def failing() -> bool:
        raise OSError("the disk is full")

    with mail_server() as box, mailing(box) as deliver:
        with pytest.raises(OSError, match="the disk is full"):
            deliver(failing)
        deliver()
    assert (len(box.accepted), len(box.connections)) == (1, 1)


@pytest.mark.parametrize("stage", ["content", "answer"])
def test_letter_of_unknown_fate_is_not_sent_again_over_another_connection(stage: str) -> None:
    with mail_server() as box, mailing(box) as deliver:
        deliver()
        box.faults[stage] = DROP
        with pytest.raises(Unknown):
            deliver()
        assert len(box.connections) == 1
        box.faults.clear()
        deliver()
        assert len(box.connections) == 2


def test_odd_answer_to_data_ends_a_connection_that_is_out_of_step() -> None:
    with mail_server() as box, mailing(box) as deliver:
        box.first_only["DATA"] = "250 what was that"
        with pytest.raises(Temporary, match="250 what was that"):
            deliver()
        deliver()
    assert (len(box.accepted), len(box.connections)) == (1, 2)


def test_letter_that_is_still_here_after_the_timeout_does_not_leave() -> None:
    """Whoever took its lease for lapsed may have told a human by then."""
    moments = iter([100.0, 105.1, 200.0, 205.0])
    with mail_server() as box, mailing(box, timeout=5, seconds=lambda: next(moments)) as deliver:
        with pytest.raises(Temporary, match="stood still for too long"):
            deliver()
        assert box.accepted == []
        deliver()
    assert (len(box.accepted), len(box.connections)) == (1, 2)


def wait_until(holds: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(1000):
        if holds():
            return
        pause.wait(0.01)
    raise AssertionError("it never came to that")
