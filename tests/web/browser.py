"""Asks a site as a browser on this machine does."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

from pipeline.web.guard import Guard

HOST = "127.0.0.1:8000"


@dataclass
class Browser:
    """One browser; a fault in the site is raised, or with ``answered`` told as by a real server."""

    site: Guard
    answered: bool = False

    def ask(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        return asyncio.run(self._ask(path, method, headers))

    async def _ask(self, path: str, method: str, headers: dict[str, str]) -> httpx.Response:
        server = httpx.ASGITransport(self.site, raise_app_exceptions=not self.answered)
        async with httpx.AsyncClient(transport=server, base_url=f"http://{HOST}") as client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.request(method, path, headers=named)

    def page(self, path: str = "/") -> Page:
        return Page.of(self.ask(path).text)

    def status(self) -> Any:
        return self.ask("/status.json").json()


@dataclass
class Page(HTMLParser):
    """What a page comes to: its elements, and its text by the id of the nearest element that has one."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)
    _open: list[tuple[str, str]] = field(default_factory=list)

    VOID = ("meta", "link", "img", "br")
    APART = ("td", "th", "dt", "dd")  # what one sees apart, whatever stands between them in the source

    @classmethod
    def of(cls, html: str) -> Page:
        page = cls()
        HTMLParser.__init__(page)
        page.feed(html)
        page.close()
        assert page._open == [], "every element is closed"
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.handle_data(" " if tag in self.APART else "")
        if tag not in self.VOID:
            self._open.append((tag, dict(attrs).get("id") or ""))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag, f"{tag} closes what it did not open"

    def handle_data(self, data: str) -> None:
        for place in {name for _, name in self._open} | {""}:
            self.texts.setdefault(place, []).append(data)

    def text(self, part: str = "") -> str:
        """The text in an element, or in the whole page, on one line."""
        return re.sub(r"\s+", " ", "".join(self.texts.get(part, []))).strip()

    def all(self, tag: str, name: str) -> list[str | None]:
        """An attribute of every element that has it."""
        return [attributes[name] for each, attributes in self.elements if each == tag and name in attributes]
