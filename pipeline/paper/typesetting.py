"""A document becomes a PDF: the same bytes for the same document and moment, without network or fonts of the machine.

What people wrote reaches the template as data, never as markup, so that nothing in it acts.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from pipeline.paper.blocks import Paper

if TYPE_CHECKING:
    import typst

TEMPLATE: Final = "templates/paper/dossier.typ"
FONTS: Final = "fonts"  # the logo's: they have most that people type
# PDF/A-2a is for archives and carries its own structure and text; PDF/UA-1 can be read aloud.
STANDARDS: Final = ("a-2a", "ua-1")


def pdf(paper: Paper, at: datetime) -> bytes:
    """Return the document as PDF/A.

    Args:
        paper: with signs that the fonts have; ``pipeline.logo.legible.shown`` makes them so.
        at: when it was made; stands in the file as its date.
    """
    inputs = {"paper": json.dumps(paper.as_json(), ensure_ascii=False)}
    made = _compiler().compile(
        input=_template(),
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=list(STANDARDS),
        timestamp=int(at.timestamp()),
    )
    assert isinstance(made, bytes)  # a list is of pages, and only as pictures
    return made


@cache
def _compiler() -> typst.Compiler:
    import typst  # only now: 80 MB that no other command needs

    with resources.as_file(resources.files("pipeline").joinpath("logo", FONTS)) as folder:
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(folder)])
    return typst.Compiler(font_paths=fonts, ignore_system_fonts=True)


@cache
def _template() -> bytes:
    return resources.files("pipeline").joinpath(TEMPLATE).read_bytes()
