"""Every line is of one form, whoever wrote it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

# What a process may say, in a process of its own: logging is set up for all of it.
SCRIPT = """
import logging, sys, threading, warnings
import structlog
from pipeline import logs
logs.configure(sys.argv[1], {"hunter22"})
logs.begin(actor="dispatch")
logs.about("e1", letter="l1")
logs.about("e2", case="A-2026-000001")
structlog.get_logger().info("letter_failed", error="550 <jan@school.example> unknown", tried=3)
logging.getLogger("aiosmtplib").warning("%s at %s", "jan@school.example", "smtp://u:hunter22@relay")
logging.getLogger("dramatiq").info("below what is told: %s", "hunter22")
logging.getLogger("dramatiq").debug("not told")
warnings.warn("jan@school.example is odd")
try:
    raise ValueError("jan@school.example")
except ValueError:
    structlog.get_logger().exception("failed")
    logging.getLogger("uvicorn.error").exception("failed too")
logs.begin()
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
raise ValueError("hunter22")
"""
EVENTS = ["letter_failed", "j…@school.example at smtp://u:***@relay", "below what is told: ***"]


def said(style: str) -> str:
    done = subprocess.run([sys.executable, "-c", SCRIPT, style], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


def test_json_every_line_is_an_object_with_the_same_fields() -> None:
    lines: list[dict[str, Any]] = [json.loads(line) for line in said("json").splitlines()]
    assert len(lines) == 8
    assert all({"timestamp", "level", "event", "logger"} <= set(line) for line in lines)
    assert [line["event"] for line in lines[:3]] == EVENTS
    assert [line["event"] for line in lines[4:]] == ["failed", "failed too", "uncaught", "uncaught"]


def test_json_a_line_tells_what_its_work_is_about_and_what_set_it_off() -> None:
    lines = [json.loads(line) for line in said("json").splitlines()]
    about = {"actor": "dispatch", "letter": "l1", "case": "A-2026-000001", "correlation": "e1"}
    assert all(about.items() <= line.items() for line in lines[:6])
    assert not any("correlation" in line for line in lines[6:])


@pytest.mark.parametrize("style", ["json", "text"])
def test_no_line_shows_an_address_or_a_secret(style: str) -> None:
    told = said(style).replace("\\u2026", "…")  # JSON is in ASCII
    assert told.count("j…@school.example") == 5
    assert "jan@" not in told
    assert "hunter22" not in told
    assert "Traceback" in told


def test_a_program_that_keeps_quiet_writes_no_line_where_its_own_output_goes() -> None:
    quiet = (
        "import structlog; from pipeline import logs; logs.keep_quiet(); structlog.get_logger().error('x')"
    )
    done = subprocess.run([sys.executable, "-c", quiet], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_what_is_for_debugging_is_not_told() -> None:
    assert "not told" not in said("text")
