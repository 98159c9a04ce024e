"""`ingest`, also `python -m ingest`: the one place that reads arguments and environment."""

import os
import sys

_NEEDS = 'ingest needs its command line library: install the package as "gcs-databricks-ingest[cli,sail]"\n'
_QUIET_ENGINE = "RUST_LOG"
_HERE = "127.0.0.1,localhost"


def main() -> None:
    """0 if all is well, 1 if there is something to tell, 2 for a wrong use."""
    os.environ.setdefault(_QUIET_ENGINE, "off")  # the embedded engine would write its log between our lines
    for name in ("NO_PROXY", "no_proxy"):  # a stack on this machine is behind no proxy
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), _HERE)))
    try:
        from ingest.command import app  # noqa: PLC0415  # the job has the package, and not the library
    except ModuleNotFoundError as error:
        if error.name not in ("typer", "rich", "jsonschema", "open_data_contract_standard"):
            raise
        sys.stderr.write(_NEEDS)
        sys.exit(2)
    app(prog_name="ingest")


if __name__ == "__main__":
    main()
