"""Small programs in place of worker, waker and web, which start in no time and do nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from types import MappingProxyType

from pipeline.settings import Settings

# Like a worker, it is there for Redis.
WORKER = """
import os, signal
from pipeline.broker.redis_broker import connect
client = connect(os.environ["PIPELINE_REDIS_URL"])
client.ping()
signal.pause()
"""

WAKER = "import signal; signal.pause()"

# Like the pages, it writes where it answers.
WEB = """
import http.server, os, pathlib
address = ("127.0.0.1", int(os.environ["PIPELINE_WEB_PORT"]))
server = http.server.HTTPServer(address, http.server.BaseHTTPRequestHandler)
pathlib.Path(os.environ["PIPELINE_ADDRESS_FILE"]).write_text("http://127.0.0.1:%d/\\n" % server.server_port)
server.serve_forever()
"""

BROKEN = "import sys; sys.exit('PIPELINE_POLICY: there is no such file.')"

PROGRAMS = MappingProxyType(
    {
        "worker": [sys.executable, "-c", WORKER],
        "waker": [sys.executable, "-S", "-c", WAKER],
        "web": [sys.executable, "-S", "-c", WEB],
    }
)


def settings(home: Path, **given: str) -> Settings:
    environ = {"PIPELINE_HOME": str(home)} | {
        f"PIPELINE_{key.upper()}": value for key, value in given.items()
    }
    return Settings.from_env(environ, running=False)
