"""Entered by scripts/weir as `python -m weirlib COMMAND ...`."""

import sys

from weirlib.cli import main

sys.exit(main(sys.argv[1:]))
