"""What ``dramatiq pipeline.worker`` imports: the one module whose import does something.

Actors bind to the broker that is set when they are imported, so the broker comes first.
"""

from __future__ import annotations

import os

import dramatiq

from pipeline import wiring
from pipeline.broker.redis_broker import build
from pipeline.casework.refusing import keep_malformed
from pipeline.logs import configure
from pipeline.settings import Settings

settings = Settings.from_env(os.environ)
configure(settings.log_format)
broker = build(settings.address("redis"), keep=lambda raw, reason: keep_malformed(wiring.app(), raw, reason))
dramatiq.set_broker(broker)
wiring.install(wiring.build(settings, broker=broker))

from pipeline import actors  # noqa: E402, F401 -- needs the broker set above
