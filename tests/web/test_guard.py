"""Nobody else's page reads ours, and a browser does nothing with ours that we did not write."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from pipeline.web.guard import HEADERS, Guard, is_ours
from tests.web.browser import Browser

ADDRESSES = (
    "/",
    "/status.json",
    "/healthz",
    "/page.css",
    "/page.js",
    "/icon.svg",
    "/nothing",
    "/logos/1.png",
)


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_answer_has_every_header(browser: Browser, path: str) -> None:
    answer = browser.ask(path)

    assert {name: answer.headers.get(name) for name in HEADERS} == dict(HEADERS)


def test_policy_allows_only_our_own_files_and_nothing_inline() -> None:
    policy = dict(rule.split(" ", 1) for rule in HEADERS["Content-Security-Policy"].split("; "))

    assert policy["default-src"] == "'none'"
    assert {policy[f"{kind}-src"] for kind in ("script", "style", "img", "connect")} == {"'self'"}
    assert policy["frame-ancestors"] == policy["form-action"] == policy["base-uri"] == "'none'"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
@pytest.mark.parametrize("path", ["/", "/status.json", "/nothing"])
def test_whoever_wants_to_change_something_is_told_that_nothing_can_be(
    browser: Browser, method: str, path: str
) -> None:
    answer = browser.ask(path, method)

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("path", ["/", "/status.json", "/page.css"])
def test_head_tells_what_get_would(browser: Browser, path: str) -> None:
    get, head = browser.ask(path), browser.ask(path, "HEAD")

    assert (head.status_code, head.headers) == (get.status_code, get.headers)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:8000",
        "127.8.9.1:1",
        "localhost",
        "LocalHost:8000",
        "[::1]:8000",
        "192.0.2.7:80",
    ],
)
def test_our_own_name_is_answered(host: str) -> None:
    assert is_ours(host, "192.0.2.7")


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "192.0.2.8",
        "0.0.0.0",
        "",
        ":8000",
        "127.0.0.1:",
        "127.0.0.1:x",
        "127.0.0.1:8000:1",
        "[::1",
        "::1",
        "user@127.0.0.1",
        "127.0.0.1/",
        "[evil]",
    ],
)
def test_another_name_is_not_answered(host: str) -> None:
    assert not is_ours(host, "192.0.2.7")


def test_no_other_address_is_ours_where_only_a_name_is_configured() -> None:
    assert not is_ours("192.0.2.7", "localhost")


@pytest.mark.parametrize(
    ("host", "ours"), [("192.0.2.8:80", True), ("[2001:db8::1]", True), ("evil.example", False)]
)
@pytest.mark.parametrize("configured", ["0.0.0.0", "::"])
def test_any_address_but_no_other_name_is_ours_where_all_are_listened_on(
    host: str, ours: bool, configured: str
) -> None:
    assert is_ours(host, configured) is ours


def test_page_of_somebody_else_that_points_here_is_refused(browser: Browser) -> None:
    answer = browser.ask("/status.json", host="evil.example")

    assert (answer.status_code, answer.headers["cache-control"]) == (421, "no-store")
    assert "Onder deze naam staat hier niets." in answer.text


@pytest.mark.parametrize("hosts", [[], [b"127.0.0.1", b"evil.example"]])
def test_no_name_or_two_is_refused(hosts: list[bytes]) -> None:
    assert _answer_to("http", [(b"host", host) for host in hosts]) == 421


def test_what_is_no_request_passes_by_the_guard() -> None:
    assert _answer_to("lifespan", []) == 299


def _answer_to(kind: str, headers: list[tuple[bytes, bytes]]) -> int:
    told: list[int] = []

    async def site(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 299, "headers": []})

    async def send(message: MutableMapping[str, Any]) -> None:
        told.append(message.get("status", 0))

    async def receive() -> MutableMapping[str, Any]:
        return {}

    scope = {"type": kind, "method": "GET", "path": "/", "headers": headers}
    asyncio.run(Guard(site, "127.0.0.1")(scope, receive, send))
    return told[0]
