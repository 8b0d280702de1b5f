"""Every table. The database knows; a message on the queue is only a hint."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from pipeline.store.columns import Instant
from pipeline.store.journal_tables import checkpoints as checkpoints
from pipeline.store.journal_tables import journal as journal
from pipeline.store.journal_tables import journal_contents as journal_contents
from pipeline.store.metadata import chained, due, key, ringing, to
from pipeline.store.metadata import metadata as metadata

# One row. A simulated home's clock stands at ``stands_at`` until the system time ``runs_from`` and
# runs on from there; as long as ``runs_from`` lies ahead somebody plays and the waker stands still.
# A held home was restored from a backup and mails nothing until somebody releases it.
home: Final = Table(
    "home",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", String(64)),  # what PIPELINE_HOME_ID must say before anything is mailed
    Column("simulated", Boolean, nullable=False),
    Column("stands_at", Instant),
    Column("runs_from", Instant),
    Column("held_at", Instant),
    Column("restored_from", String(64)),  # digest of the backup
    Column("digest_on", Date),  # the day of the last digest: the owner gets one a day
    *chained(),
)

policies: Final = Table(
    "policies",
    metadata,
    Column("version", String, primary_key=True),
    Column("document", JSON, nullable=False),
)

counters: Final = Table(
    "counters", metadata, Column("name", String, primary_key=True), Column("value", Integer, nullable=False)
)

events: Final = Table(
    "events",
    metadata,
    key(),
    Column("state", String, nullable=False),  # stored, accepted, refused, conflict
    Column("source", String),
    Column("event_id", String),
    Column("type", String),
    Column("file", String),
    Column("received_at", Instant, nullable=False),  # by the home's clock
    Column("raw", LargeBinary, nullable=False),  # the first 256 KiB
    Column("length", Integer, nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of all bytes
    Column("content_digest", String(64)),
    # What nobody else may claim: of an accepted event its source and id, of a refused one its bytes
    # with what is wrong with them; a digest, since those may be longer than an index takes.
    Column("claim", String(64), unique=True),
    Column("case_id", String(32), index=True),  # no foreign key: the event is stored before its case
    Column("rule", String),
    Column("field", String),
    Column("expected", Text),
    Column("got", Text),
    Column("reason", Text),
    Column("times", Integer, nullable=False, default=1),  # how often the same refusal came
    Column("late_by", String),  # the operator who accepts it though it is late
    Column("letter_id", String(32)),
    Column("parked_at", Instant),
    Column("erased_on", Date),  # the bytes were due to go; their digest stays
    *ringing(),
)
due(events, "retry_at")
due(events, "parked_at")

providers: Final = Table(
    "providers",
    metadata,
    key(),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("postcode_key", Text, nullable=False),
    Column("kvk", String),
    Column("contact_name", Text),
    Column("form_of_address", String),
    Column("email", Text),
    Column("admitted_by", String(32)),
    Column("admitted_at", Instant),
    Column("version", Integer, nullable=False, server_default="1"),  # counts what others must not overlook
    Column("mail_domain", Text),  # as compared
    Column("admitted_until", Date),  # the last day; none where it is without end
    Column("standing", String),  # suspended, withdrawn
    Column("standing_at", Instant),  # since when
    Column("merged_into", String(32)),  # the provider that took it over
)
Index(None, providers.c.postcode_key)
Index(None, providers.c.mail_domain)

provider_kvks: Final = Table(
    "provider_kvks",
    metadata,
    Column("provider_id", ForeignKey("providers.id"), primary_key=True),
    Column("kvk", String, primary_key=True),
    Column("since", Instant, nullable=False),
)
Index(None, provider_kvks.c.kvk)

cases: Final = Table(
    "cases",
    metadata,
    key(),
    Column("version", Integer, nullable=False),
    Column("number", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("result", String),
    to("provider_id", "providers", required=True, index=True),
    to("event_ref", "events", required=True),
    to("previous_id", "cases"),  # the deferred round before this one
    to("subject_id", "cases", index=True),  # what an objection is about
    Column("about", String),
    Column("title", Text, nullable=False),
    Column("data", JSON, nullable=False),  # the submission as it now stands
    Column("received_at", Instant, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("policy_version", ForeignKey("policies.version"), nullable=False),
    Column("flags", JSON, nullable=False),
    Column("decision", JSON),
    Column("registration_number", String(8), index=True),
    Column("decided_on", Date),
    Column("in_effect_on", Date),  # the decision was sent, may have been, or was posted
    Column("closed_on", Date),
    Column("region", String),  # the provider's, of the school holidays; part of the ledger
    Column("due_on", Date),  # with wake_at a projection of the term's ledger
    Column("told_due_on", Date),  # the date of it that the provider was last told
    Column("calendar_digest", String(64)),  # of the calendar that the projection was made with
    Column("wake_at", Instant),  # by the home's clock
    Column("step", String),  # the actor that takes the case further
    Column("parked_at", Instant),
    Column("correlation", String(32)),  # the event that last set something off
    Column("erased_on", Date),  # what is personal in it was due to go
    Column("content_key", String(64), index=True),  # digest of an activity as it was submitted
    *chained(),
    *ringing(),
)
due(cases, "retry_at")
due(cases, "wake_at")
due(cases, "step")
due(cases, "parked_at")
Index(None, cases.c.kind, cases.c.state, cases.c.result)
_open = text("state <> 'closed'")
Index(None, cases.c.due_on, sqlite_where=_open, postgresql_where=_open)

requests: Final = Table(
    "requests",
    metadata,
    key(),
    to("case_id", "cases", required=True, index=True),
    Column("place", Integer, nullable=False),
    Column("letter_id", String(32), nullable=False),
    Column("fields", JSON, nullable=False),
    Column("answer_by", Date, nullable=False),
    Column("asked_on", Date),  # the day that the server accepted it
    Column("answered_on", Date),
    UniqueConstraint("case_id", "place"),
)

extensions: Final = Table(
    "extensions",
    metadata,
    key(),
    to("case_id", "cases", required=True, index=True),
    Column("until", Date, nullable=False),
    Column("reason", Text, nullable=False),
)

reviewers: Final = Table(
    "reviewers",
    metadata,
    Column("id", String, primary_key=True),
    Column("version", Integer, nullable=False),  # counts what changes whom can be asked
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("sectors", JSON, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("employer", Text),
    Column("employer_kvk", String),  # empty where they have none
    Column("capacity", Integer, nullable=False),
    Column("away_from", Date),
    Column("away_until", Date),
    Column("active", Boolean, nullable=False),
    Column("earlier_employers", JSON),  # their KvK numbers; none where it is not known
    Column("interests", JSON),  # KvK numbers of providers, as declared; none where it is not
)

assignments: Final = Table(
    "assignments",
    metadata,
    key(),
    to("case_id", "cases", required=True, index=True),
    to("reviewer_id", "reviewers", required=True),
    Column("place", Integer, nullable=False),
    Column("state", String, nullable=False),  # asked, answered, recused, released, not_needed
    Column("asked_at", Instant, nullable=False),
    Column("asked_on", Date, nullable=False),
    Column("review_by", Date, nullable=False),
    UniqueConstraint("case_id", "reviewer_id"),
)
Index(None, assignments.c.reviewer_id, assignments.c.asked_on)

verdicts: Final = Table(
    "verdicts",
    metadata,
    key(),
    to("case_id", "cases", required=True, index=True),
    to("reviewer_id", "reviewers", required=True),
    to("event_ref", "events", required=True),
    Column("place", Integer, nullable=False),
    Column("verdict", String, nullable=False),
    Column("hours", JSON),
    Column("scores", JSON, nullable=False),
    Column("motivation", Text),
    Column("given_at", Instant, nullable=False),
    Column("annulled_at", Instant),  # before the decision: it stays on record and counts no more
    Column("annulled_by", String),
    Column("annulled_because", Text),
)
_counts = text("annulled_at IS NULL")
Index(
    None,
    verdicts.c.case_id,
    verdicts.c.reviewer_id,
    unique=True,
    sqlite_where=_counts,
    postgresql_where=_counts,
)

registrations: Final = Table(
    "registrations",
    metadata,
    Column("number", String(8), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("state", String, nullable=False),  # pending, valid, replaced, expired, revoked
    to("case_id", "cases", required=True, index=True),
    to("provider_id", "providers", required=True),
    Column("title", Text, nullable=False),
    Column("hours", JSON, nullable=False),
    Column("valid_from", Date),
    Column("valid_until", Date),  # the last day, as it was granted; what ends it before leaves that as it is
    Column("provider_name", Text),  # as it stands on the logo
    Column(
        "adjusted", JSON
    ),  # what of its case's submission was changed since without a judgement: a merge patch
    Column("ended_on", Date),  # the first day on which it is valid no more: replaced, or revoked
    Column("decided_on", Date),  # the day on which the register itself rectified or revoked it
    Column("ground", String),  # for which it was revoked: its key in the policy
)

logos: Final = Table(
    "logos",
    metadata,
    Column("number", String(8), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("size", String, primary_key=True),  # normal, print
    Column("png", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False),
)

letters: Final = Table(
    "letters",
    metadata,
    key(),
    to("case_id", "cases", index=True),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("reviewer_id", String),
    Column("provider_id", String(32), index=True),
    Column("task_id", String(32)),
    Column("stands_for", String(32)),  # the letter that could not be mailed
    Column("to_address", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("message_id", String, nullable=False, unique=True),
    Column("written_at", Instant, nullable=False),
    Column("token", String(32)),  # of the attempt that may write the outcome
    Column(
        "lease_until", Instant
    ),  # system time; by then that attempt is over, the last of an unknown letter too
    Column("answer", Text),
    Column("sent_at", Instant),
    Column("sent_on", Date),
    Column("wake_at", Instant),  # by the home's clock; not to leave before
    Column("turn_at", Instant),  # by system time; when the rate lets it leave
    Column("send_by", Instant),  # by the home's clock; nothing may put it off beyond
    Column("bounced_at", Instant),
    Column("replaced_by", String(32)),  # the letter that went or goes in its place
    Column("erased_on", Date),  # its bytes and addresses were due to go
    Column("correlation", String(32)),
    *ringing(),
)
due(letters, "retry_at")
due(letters, "wake_at")

letter_contents: Final = Table(
    "letter_contents",
    metadata,
    Column("letter_id", ForeignKey("letters.id"), primary_key=True),
    Column("raw", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False),
)

# An address at which a letter bounced; nothing is mailed to it until somebody releases it.
suppressions: Final = Table(
    "suppressions",
    metadata,
    key(),
    Column("address", Text, nullable=False, index=True),  # as compared: folded to lower case
    Column("since", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("letter_id", String(32)),
    Column("released_at", Instant),
    Column("released_by", String),
)

# Whatever came back by mail, its bytes kept; tied to a letter where it is surely about one.
bounces: Final = Table(
    "bounces",
    metadata,
    key(),
    Column("received_at", Instant, nullable=False),
    Column("raw", LargeBinary, nullable=False),  # the first 256 KiB
    Column("length", Integer, nullable=False),
    Column("digest", String(64), nullable=False, unique=True),  # SHA-256 of all bytes
    Column("action", String),  # failed, delayed ... (RFC 3464); empty where it is no notification
    Column("status", String),  # such as 5.1.1 (RFC 3463)
    Column("recipient", Text),
    Column("diagnostic", Text),
    Column("message_id", Text),
    Column("letter_id", String(32), index=True),
    Column("case_id", String(32), index=True),
)

# How fast all processes together may do something: when the next may begin, by system time.
paces: Final = Table(
    "paces", metadata, Column("name", String, primary_key=True), Column("next_at", Instant, nullable=False)
)

tasks: Final = Table(
    "tasks",
    metadata,
    key(),
    Column("key", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    to("case_id", "cases", index=True),
    Column("letter_id", String(32)),
    Column("owner", String, nullable=False),
    Column("owner_email", String, nullable=False),
    Column("deputy", String, nullable=False),
    Column("detail", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
)

rungs: Final = Table(
    "rungs",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("key", String, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("reviewer", String, primary_key=True),  # empty where it is about no reviewer
    Column("at", Instant, nullable=False),
    Column("superseded_by", String),  # the more urgent one that was sent instead
)
