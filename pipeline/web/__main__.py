"""``python -m pipeline.web``: the pages, until asked to stop."""

from __future__ import annotations

import os
import sys

from pipeline.errors import PipelineError
from pipeline.logs import configure
from pipeline.settings import Settings
from pipeline.web.serving import serve


def main() -> int:
    """Serve what the environment says; returns the exit code."""
    try:
        settings = Settings.from_env(os.environ)
        configure(settings.log_format, settings.secrets)
        serve(settings)
    except PipelineError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
