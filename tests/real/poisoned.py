"""The worker, but for what is marked as poison: that ends its process, as a crash in a library would.

Run by dramatiq in place of ``pipeline.worker``.
"""

from __future__ import annotations

from datetime import timedelta

from pipeline import worker
from pipeline.broker import consumer
from pipeline.casework import intake, issuing
from pipeline.mail.smtp import SmtpMailer
from tests.real.poison import EVENT, LETTER, LOGO, dying

consumer.SILENCE, consumer.BEAT_SECONDS = timedelta(seconds=3), 0.5  # type: ignore[misc]  # nothing stalls here
broker = worker.broker

for room, name, poison in ((issuing, "draw", LOGO), (intake, "read", EVENT), (SmtpMailer, "deliver", LETTER)):
    setattr(room, name, dying(poison, getattr(room, name)))
