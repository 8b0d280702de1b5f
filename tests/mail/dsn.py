"""Delivery status notifications as mail systems write them."""

from __future__ import annotations


def dsn(
    message_id: str | None,
    to: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    original: str | None = None,
    envelope_id: str | None = None,
    headers_only: bool = False,
    diagnostic: str = "smtp; 550 5.1.1 <{to}>: Recipient address rejected: User unknown",
) -> bytes:
    """Return what Postfix sends about one recipient."""
    about = ["Reporting-MTA: dns; mx.example", "Arrival-Date: Tue, 20 Oct 2026 10:00:00 +0200"]
    about += [f"Original-Envelope-Id: {envelope_id}"] if envelope_id else []
    fate = [f"Final-Recipient: rfc822; {to}"]
    fate += [f"Original-Recipient: rfc822;{original}"] if original else []
    fate += [f"Action: {action}", f"Status: {status}", f"Diagnostic-Code: {diagnostic.format(to=to)}"]
    kind = "text/rfc822-headers" if headers_only else "message/rfc822"
    named = [f"Message-ID: {message_id}"] if message_id else []
    former = [*named, "Subject: Goedgekeurd", "", "" if headers_only else "Goed nieuws."]
    lines = [
        "Return-Path: <>",
        "From: MAILER-DAEMON@mx.example (Mail Delivery System)",
        "To: register@register.example",
        "Subject: Undelivered Mail Returned to Sender",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="4F2C.1/mx"',
        "",
        "--4F2C.1/mx",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        "I'm sorry to have to inform you that your message could not be delivered.",
        "",
        "--4F2C.1/mx",
        "Content-Type: message/delivery-status",
        "",
        *about,
        "",
        *fate,
        "",
        "--4F2C.1/mx",
        f"Content-Type: {kind}",
        "",
        *former,
        "--4F2C.1/mx--",
        "",
    ]
    return "\r\n".join(lines).encode()


AWAY = (
    b"Return-Path: <>\r\nFrom: a@school.example\r\nTo: register@register.example\r\n"
    b"Subject: Afwezig tot maandag\r\nAuto-Submitted: auto-replied\r\n\r\nIk ben er niet.\r\n"
)
