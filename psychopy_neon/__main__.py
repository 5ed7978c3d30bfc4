"""``python -m psychopy_neon`` is the command ``psychopy-neon``."""

from __future__ import annotations

import sys

from psychopy_neon.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
