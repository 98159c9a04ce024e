"""`python -m local.storage`, the same as `python -m local storage`."""

import sys

from local.storage.command import main

sys.exit(main(sys.argv[1:]))
