"""Every kind of letter: whole, in both forms, and never moved by what people typed."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

import pipeline
from pipeline.domain.lifecycle import RECIPIENTS, Kind
from pipeline.mail.letters import KINDS, Attachment
from tests.mail.samples import MESSAGE_ID, REGISTER, WRITTEN, body, facts, letter, opened

TEMPLATES = Path(pipeline.__file__).parent / "templates" / "mail"
VOID = {"meta", "br", "hr", "img", "link"}
HOSTILE = (
    "<script>alert(1)</script> {{ 7*7 }} {% include 'x' %} ${7*7} &amp;\r\nBcc: ander@elders.example\r\n\r\n"
    "\u202etfel\u202d \u2066open \x00\x1b[31m \ud83d zo <a href='javascript:x'>klik</a> \"'"
)
EVERY_CASE = [kind.value for kind in Kind]
ABOUT_NO_CASE: dict[str, dict[str, Any]] = {
    "event_refused": {"event_id": None},
    "deadline_digest": {"cases": [{}]},
}  # with what each cannot do without


class Outline(HTMLParser):
    """The tags of a page, checked to be closed in order, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += f" {data}"


def replaced(fact: Any, text: str) -> Any:
    """The same facts, with another text wherever people type."""
    if isinstance(fact, str):
        return text
    if isinstance(fact, dict):
        return {name: replaced(inner, text) for name, inner in fact.items()}
    if isinstance(fact, (list, tuple)) and not hasattr(fact, "_fields"):
        return [replaced(inner, text) for inner in fact]
    return fact


def hostile(kind: str, text: str = HOSTILE) -> dict[str, Any]:
    """The facts of a sample, hostile in everything that a sender writes; the system's codes stay."""
    codes = {"findings", "register", "rule", "event_type", "field", "result", "task", "sectors", "category"}
    codes |= {"about", "expected"}
    told = {name: fact if name in codes else replaced(fact, text) for name, fact in facts(kind).items()}
    if told["case"]:
        told["case"]["kind"] = (facts(kind)["case"] or {})["kind"]
    if "provider" in told:
        told["provider"]["form_of_address"] = "mevrouw"
    if kind == "review_asked":
        told["dossier"] = [(field, text) for field, _ in facts(kind)["dossier"]]
    if kind == "review_not_needed":
        told["reason"] = "withdrawn"
    return told


def test_every_kind_has_its_three_files_and_no_other_folder_is_there() -> None:
    folders = {folder.name: {file.name for file in folder.iterdir()} for folder in TEMPLATES.iterdir()}
    folders.pop("_base")
    assert folders == {kind: {"subject.txt", "body.txt", "body.html"} for kind in RECIPIENTS}


@pytest.mark.parametrize("kind", KINDS)
def test_letter_is_text_and_html_with_the_headers_of_a_letter(kind: str) -> None:
    message = opened(letter(kind))
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert {
        name: str(value) for name, value in message.items() if name not in ("Subject", "Content-Type")
    } == {
        "From": "Registerleraar <register@register.example>",
        "To": "aanbieder@school.example",
        "Reply-To": "vragen@register.example",
        "Date": "Mon, 07 Dec 2026 09:00:00 +0100",
        "Message-ID": MESSAGE_ID,
        "Auto-Submitted": "auto-generated",
        "Content-Language": "nl",
        "MIME-Version": "1.0",
    }
    assert message["Subject"] == letter(kind).subject


@pytest.mark.parametrize("kind", KINDS)
def test_html_is_well_formed_brings_nothing_from_elsewhere_and_says_what_the_text_says(kind: str) -> None:
    page, text = Outline(body(letter(kind), "html")), body(letter(kind))
    assert page.tags <= set(
        "html head meta title style body div table tr th td p a strong br ul ol li h2 h3 span blockquote".split()
    )
    assert page.attributes <= set("lang charset name content class scope href value".split())
    assert set(re.findall(r"\w+", text)) <= set(re.findall(r"\w+", page.text))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_left_unfilled(kind: str) -> None:
    for form in (
        letter(kind).subject,
        body(letter(kind)),
        body(letter(kind), "html").partition("</style>")[2],
    ):
        assert not re.search(r"[{}]|None|Decimal|datetime|Undefined|  \n", form)


@pytest.mark.parametrize("kind", KINDS)
def test_raw_letter_is_ascii_with_short_lines_and_no_bare_line_ends(kind: str) -> None:
    for raw in (letter(kind).raw, letter(kind, hostile(kind)).raw):
        assert raw.isascii()
        assert raw.replace(b"\r\n", b"").find(b"\n") == -1
        assert raw.replace(b"\r\n", b"").find(b"\r") == -1
        assert max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("kind", KINDS)
def test_same_facts_give_the_same_bytes(kind: str) -> None:
    first, second = letter(kind), letter(kind)
    assert (first.raw, first.digest) == (second.raw, second.digest)
    assert letter(kind, message_id="<letter-2@register.example>").digest != first.digest


@pytest.mark.parametrize("kind", KINDS)
def test_what_people_type_stays_text(kind: str) -> None:
    written = letter(kind, hostile(kind))
    page = body(written, "html")
    outline = Outline(page)
    assert "script" not in outline.tags
    assert page.count("<a ") == body(letter(kind), "html").count("<a ")
    assert "49" not in outline.text
    assert "\x00" not in body(written) + page


@pytest.mark.parametrize("kind", KINDS)
def test_no_fact_adds_a_header_or_a_recipient(kind: str) -> None:
    written = opened(letter(kind, hostile(kind)))
    assert written.keys() == opened(letter(kind)).keys()
    assert "\n" not in letter(kind, hostile(kind)).subject
    assert len(letter(kind, hostile(kind)).subject) <= 200


@pytest.mark.parametrize("kind", KINDS)
def test_direction_of_writing_ends_with_the_line_that_turns_it(kind: str) -> None:
    for form in (body(letter(kind, hostile(kind))), body(letter(kind, hostile(kind)), "html")):
        for line in form.split("\n"):
            assert sum(line.count(sign) for sign in "\u202a\u202b\u202d\u202e") == line.count("\u202c")
            assert sum(line.count(sign) for sign in "\u2066\u2067\u2068") == line.count("\u2069")


@pytest.mark.parametrize("case", EVERY_CASE)
@pytest.mark.parametrize(
    "kind", sorted(set(KINDS) - {*ABOUT_NO_CASE, "granted", "admitted", "not_admitted", "objection_decided"})
)
def test_letter_speaks_of_any_kind_of_case(kind: str, case: str) -> None:
    told = facts(kind, subject="A-2026-000001", grounds="De uren kloppen niet.", about="hours")
    told["case"] = {**told["case"], "kind": case}
    for form in (body(letter(kind, told)), body(letter(kind, told), "html")):
        assert "None" not in form


@pytest.mark.parametrize("kind", KINDS)
def test_missing_fact_is_an_error_and_not_a_gap(kind: str) -> None:
    told = facts(kind)
    if told["case"]:
        told["case"] = {**told["case"], "title": None}
    else:
        told |= ABOUT_NO_CASE[kind]
    with pytest.raises(UndefinedError):
        letter(kind, told)


def test_first_request_confirms_receipt_and_a_later_one_the_supplement() -> None:
    first, later = (
        body(letter("supplement_asked", facts("supplement_asked", first=one))) for one in (True, False)
    )
    assert "ontvangen op maandag 19 oktober 2026. Het zaaknummer is A-2026-000123." in first
    assert "Wij hebben uw aanvulling op uw activiteit “Interne cultuurcoördinator” ontvangen." in later
    assert "maandag 2 november 2026" in first
    assert "maandag 2 november 2026" in later


def test_supplement_that_completes_is_confirmed_with_the_new_date() -> None:
    text = body(letter("supplement_received"))
    assert (
        "De gegevens zijn nu compleet.\n\nU krijgt ons besluit uiterlijk op dinsdag 8 december 2026." in text
    )


def test_granted_letter_has_hours_number_and_use_of_the_logo_without_its_picture() -> None:
    written = letter("granted")
    text = body(written)
    assert written.subject == "Goedgekeurd, 46 RU, nummer 10000012: Interne cultuurcoördinator"
    assert "Register-uren: 46 RU" in text
    assert "op het certificaat voor de deelnemers" in text


def test_same_hours_as_asked_are_not_explained() -> None:
    told = facts("granted")
    assert "U vroeg" in body(letter("granted", told))
    assert "U vroeg" not in body(letter("granted", {**told, "hours_asked": told["hours"]}))


@pytest.mark.parametrize("kind", ["not_admitted", "rejected", "granted", "deferred", "set_aside"])
def test_refusal_says_until_when_and_how_to_object(kind: str) -> None:
    text = body(letter(kind))
    assert "U kunt bezwaar maken tot en met " in text
    assert "vragen@register.example" in text
    assert "070-3406500, donderdag van 10.00 tot 13.00 uur" in text


@pytest.mark.parametrize("kind", ["granted", "deferred", "set_aside"])
def test_decision_without_an_end_to_objecting_names_none(kind: str) -> None:
    text = body(letter(kind, facts(kind, objection_until=None)))
    assert "U kunt bezwaar maken. Dat kan in uw aanbiedersaccount" in text
    assert "Komt uw bezwaar later" not in text


def test_task_without_details_has_no_empty_heading() -> None:
    for case in (None, facts("task_waiting")["case"]):
        assert "Bijzonderheden" not in body(
            letter("task_waiting", facts("task_waiting", detail="", case=case))
        )


def test_provider_without_a_contact_is_addressed_all_the_same() -> None:
    nobody = {"name": "School", "contact_name": None, "form_of_address": None}
    assert "Geachte heer of mevrouw,\n" in body(letter("rejected", facts("rejected", provider=nobody)))


def test_reviewers_see_why_they_are_asked_and_the_flags() -> None:
    text = body(letter("review_asked", facts("review_asked", flags=["Zelfde KvK-nummer als T-2026-000041"])))
    assert "Waarom wij u vragen: u beoordeelt activiteiten voor het primair onderwijs" in text
    assert "Zelfde KvK-nummer als T-2026-000041" in text


def test_logo_is_attached_byte_for_byte_and_named() -> None:
    png = bytes(range(256)) * 40
    written = letter("granted", attachments=[Attachment("registerlogo-10000012.png", png, "image/png")])
    [part] = opened(written).iter_attachments()
    assert (part.get_content_type(), part.get_filename(), part.get_content()) == (
        "image/png", "registerlogo-10000012.png", png,
    )  # fmt: skip
    assert "Bijlage: registerlogo-10000012.png" in body(written)


def test_letter_that_can_only_be_printed_has_no_recipient() -> None:
    assert opened(letter("rejected", to=""))["To"] is None


def test_domain_beyond_ascii_stands_in_the_header_as_servers_know_it() -> None:
    written = letter("rejected", to="info@büro.example")
    assert written.raw.isascii()
    assert opened(written)["To"] == "info@xn--bro-hoa.example"


def test_local_part_beyond_ascii_makes_a_letter_for_smtputf8() -> None:
    assert "To: zoë@school.example\r\n".encode() in letter("rejected", to="zoë@school.example").raw


def test_register_with_a_comma_in_its_name_is_still_one_sender() -> None:
    register = REGISTER.model_copy(update={"name": "Register, leraren\r\nBcc: x@elders.example"})
    message = opened(letter("rejected", facts("rejected", register=register)))
    assert [address.addr_spec for address in message["From"].addresses] == ["register@register.example"]
    assert message["Bcc"] is None


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ({"to": "a@x.example, b@x.example"}, "no address for one recipient"),
        ({"to": "a@x.example\r\nBcc: b@x.example"}, "no address for one recipient"),
        ({"message_id": "letter-1"}, "no Message-ID"),
        ({"message_id": "<a@b>\r\nBcc: c@d"}, "no Message-ID"),
        ({"message_id": f"<{'a' * 250}@b>"}, "no Message-ID"),
        ({"date": datetime(2026, 12, 7, 8)}, "needs a time zone"),
        ({"attachments": [Attachment('a"\r\n.png', b"", "image/png")]}, "no plain file name"),
        ({"attachments": [Attachment("../logo.png", b"", "image/png")]}, "no plain file name"),
    ],
)
def test_what_would_break_a_letter_is_refused(how: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        letter("rejected", **how)


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no kind of letter"):
        letter("rejected/../granted", facts("rejected"))


def test_boundary_of_parts_cannot_occur_in_what_people_type() -> None:
    raw = letter("rejected").raw.decode()
    [boundary] = re.findall(r'boundary="(.+)"', raw)
    copied = letter("rejected", facts("rejected", motivations=[f"--{boundary}\n--{boundary}--"]))
    assert f"--{boundary}--" in body(copied)
    assert len(list(opened(copied).iter_parts())) == 2


def test_hours_are_written_with_a_comma() -> None:
    told = facts(
        "granted", hours={"contact": Decimal("7.50"), "self_study": Decimal(8), "total": Decimal("15.50")}
    )
    assert "Register-uren: 15,5 RU\nContacturen: 7,5\nZelfstudie: 8\n" in body(letter("granted", told))


def test_moment_is_dutch_time() -> None:
    told = facts("event_refused", received_at=WRITTEN)
    assert "Op maandag 7 december 2026 om 9.00 uur ontvingen wij" in body(letter("event_refused", told))
