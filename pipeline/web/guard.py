"""Stands before every page: who may ask, how, and what browsers may do with the answer."""

from __future__ import annotations

import re
from ipaddress import ip_address
from types import MappingProxyType
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS: Final = ("GET", "HEAD")
HEADERS: Final = MappingProxyType(
    {
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
)
_HOST: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]]+))(?::[0-9]{1,5})?")


class Guard:
    """Lets only ``GET`` and ``HEAD`` for our own name through, and adds the headers to every answer."""

    def __init__(self, site: ASGIApp, host: str) -> None:
        """Guard ``site``, which is served on the configured ``host``."""
        self._site = site
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._site(scope, receive, send)
            return
        answer: ASGIApp = self._refusal(scope) or self._site
        await answer(scope, receive, lambda message: send(_with_headers(message)))

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        hosts = Headers(scope=scope).getlist("host")
        if len(hosts) != 1 or not is_ours(hosts[0], self._host):
            return PlainTextResponse("Onder deze naam staat hier niets.\n", 421)
        if scope["method"] not in METHODS:
            allowed = {"Allow": ", ".join(METHODS)}
            return PlainTextResponse("Hier valt alleen iets te bekijken.\n", 405, allowed)
        return None


def is_ours(header: str, configured: str) -> bool:
    """Say whether a ``Host`` header names this machine or the configured host.

    Another name is somebody else's, made to point here so that their page can read ours. An address
    is nobody's name: where every address is listened on, any will do.
    """
    match = _HOST.fullmatch(header)
    if match is None:
        return False
    name = (match[1] or match[2]).lower()
    if name in ("localhost", configured):
        return True
    try:
        return ip_address(name).is_loopback or ip_address(configured).is_unspecified
    except ValueError:
        return False


def _with_headers(message: Message) -> Message:
    if message["type"] == "http.response.start":
        headers = MutableHeaders(scope=message)
        for name, value in HEADERS.items():
            headers[name] = value
        headers.setdefault("Cache-Control", "no-store")
    return message
