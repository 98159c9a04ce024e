"""A stand-in provider as a program of its own, which Terraform starts as it starts a real one: SCHEMA is its argument.

https://github.com/hashicorp/go-plugin/blob/main/docs/internals.md
"""

import sys
import threading
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory


def main(schema: str) -> None:
    with TemporaryDirectory(prefix="tf-") as folder:
        socket = Path(folder) / "socket"
        told = threading.Event()
        serve = import_module("tests.infra.stub_provider").serve
        kind = import_module("tests.infra.applying_provider").ApplyingProvider
        server = serve(Path(schema), socket, known=False, shut_down=told.set, kind=kind)
        # Versions of go-plugin and of Terraform's protocol, then the address.
        sys.stdout.write(f"1|6|unix|{socket}|grpc\n")
        sys.stdout.flush()
        told.wait()
        server.stop(None).wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
