"""`python -m local.functions TARGET PORT`: a target of main.py as functions-framework serves it, behind the guard.

In the cloud nobody reaches a function but by IAM; on this machine a web page could.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from functions_framework import create_app
from functions_framework._http import create_server

import contracts
from local.guard import Guard

MAIN = Path(contracts.__file__).parent.parent / "main.py"


def main(argv: Sequence[str]) -> None:
    """Serves until it is ended."""
    target, port = argv
    serve(MAIN, target, int(port))


def serve(source: Path, target: str, port: int) -> None:
    """A target of a source file, until this process is ended."""
    app = create_app(target, str(source), "cloudevent")  # type: ignore[no-untyped-call]  # it has no types
    app.wsgi_app = Guard(app.wsgi_app, lambda why: {"error": why})  # as Flask documents it
    create_server(app, debug=False).run("127.0.0.1", port)  # type: ignore[no-untyped-call]  # as above


if __name__ == "__main__":
    main(sys.argv[1:])
