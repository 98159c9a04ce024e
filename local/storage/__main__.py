"""`python -m local.storage`, the same as `python -m local storage`."""

import os
import sys

from local.storage.command import main

os.umask(0o077)  # what it keeps is for its user alone
sys.exit(main(sys.argv[1:]))
