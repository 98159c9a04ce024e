"""How a command that serves waits for its end."""

import time
from collections.abc import Callable

_LOOK_UP = 0.5


def until_interrupted(*looks: Callable[[], object]) -> None:
    """Waits, until KeyboardInterrupt ends it; `looks` are called one after the other at each look up.

    In short pieces: the kernel may hand a signal to any thread, and Python's handler runs in this one alone, as soon
    as it looks up.
    """
    while True:
        time.sleep(_LOOK_UP)
        for look in looks:
            look()
