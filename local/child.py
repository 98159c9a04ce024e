"""Runs one command and ends it when standard input closes, so that nothing outlives who started it.

A parent that is killed cannot end its children; the pipe to it closes all the same. This process must lead
a group of its own, which is killed where asking does not help.
"""

import os
import signal
import subprocess
import sys
import threading

_TIME_TO_END = 5.0


def _end_at_end_of_input(process: "subprocess.Popen[bytes]") -> None:
    while os.read(0, 1):  # not sys.stdin: a thread inside of its buffer crashes the interpreter's end
        pass
    process.terminate()
    try:
        process.wait(_TIME_TO_END)
    except subprocess.TimeoutExpired:
        os.killpg(0, signal.SIGKILL)  # whatever the command has started, and this process


def main() -> int:
    process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)  # noqa: S603  # the stack's own command
    watcher = threading.Thread(target=_end_at_end_of_input, args=(process,), daemon=True)
    watcher.start()
    code = process.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
