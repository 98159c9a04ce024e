"""`python -m local storage`: the storage alone, as an emulator for anybody."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from local.storage.errors import PortUnusableError, RootUnusableError, StorageError
from local.storage.not_served import all_not_served
from local.storage.server import HOST, StorageServer


def main(argv: Sequence[str]) -> int:
    """Serve until Ctrl-C or SIGTERM; 2 if the folder, the port or a bucket's name cannot be used."""
    options = _parser().parse_args(argv)
    server = StorageServer(options.root, options.port, plain=options.plain)
    ending = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ending)  # before any thread starts, so that sigwait gets them
    try:
        server.start()
    except (RootUnusableError, PortUnusableError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        for name in [*options.bucket, *options.plain]:
            server.create_bucket(name, versioning=name in options.bucket and options.versioning)
        sys.stdout.write(f"STORAGE_EMULATOR_HOST={server.url}\n")
        sys.stdout.flush()
        signal.sigwait(ending)
    except StorageError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    finally:
        server.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local storage",
        description=f"Serve a folder on {HOST} as Cloud Storage's JSON API, to every program on this machine and to no "
        "web page: a request with another Host, or with a foreign Origin, is refused with 403.",
        epilog="\n  ".join(["not supported here, and answered with 501:", *all_not_served()]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--root", type=Path, required=True, help="the folder that keeps everything")
    parser.add_argument("--port", type=_port, default=0, help="where to listen (default: a free port)")
    parser.add_argument("--bucket", action="append", default=[], metavar="NAME", help="make this bucket")
    parser.add_argument("--versioning", action="store_true", help="with object versioning in each --bucket")
    parser.add_argument("--plain", action="append", default=[], metavar="NAME", help="make this plain bucket")
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{port} is no port")
    return port
