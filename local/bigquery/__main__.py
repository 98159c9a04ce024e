"""`python -m local.bigquery`: the server, until Ctrl-C; what it holds goes with it."""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from local.bigquery.server import BigQueryServer
from local.bigquery.tables import Tables


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m local.bigquery", description=__doc__)
    parser.add_argument("--port", type=int, default=9050, help="on 127.0.0.1; 0 is any free one")
    parser.add_argument("--project", default="local", help="the only project that there is")
    parser.add_argument("--dataset", action="append", default=[], help="one that is there; may be given again")
    parser.add_argument("--token", default="", help="the bearer token that requests must have; empty: none")
    given = parser.parse_args(argv)
    with (
        TemporaryDirectory() as folder,
        BigQueryServer(given.port, Tables(given.project, given.dataset, Path(folder)), given.token) as server,
    ):
        sys.stdout.write(f"http://127.0.0.1:{server.server_address[1]}\n")
        sys.stdout.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
