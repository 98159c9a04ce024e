"""`python -m pipeline_jobs.bundle`: prints databricks.yml, the jobs of all feeds as a bundle."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from contracts.checking.language import sound_contracts
from contracts.contract import ContractError
from pipeline_jobs.bundle.bundle import SCHEDULE, bundle
from pipeline_jobs.workflow.cluster import WrongClusterError, read_cluster
from pipeline_jobs.workflow.triggers import FileArrival

_HEAD = "# Made of feeds/ and the job's definition by `python -m pipeline_jobs.bundle{options} > databricks.yml`.\n"


def main(argv: Sequence[str]) -> int:
    """Writes the bundle as YAML to stdout; exits with 2 and one sentence for what cannot be."""
    parser = _parser()
    options = parser.parse_args(argv)
    try:
        contracts = sound_contracts()
    except ContractError as error:
        parser.error(str(error))
    try:
        cluster = None if options.cluster is None else read_cluster(options.cluster)
    except WrongClusterError as error:
        parser.error(f"--cluster: {error}")
    trigger = FileArrival() if options.file_arrival else SCHEDULE
    made = bundle((contract.feed for contract in contracts), trigger, cluster, publishes=options.publish)
    sys.stdout.write(_HEAD.format(options="".join(f" {option}" for option in argv)))
    # Written out in full: nobody wants to read what an anchor of YAML stands for.
    sys.stdout.write(yaml.dump(made, Dumper=_Plain, sort_keys=False, width=120))
    return 0


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, _data: object) -> bool:
        return True


def _parser() -> argparse.ArgumentParser:
    description = "Prints the jobs of all feeds as a bundle, for `databricks bundle validate | deploy | run`."
    parser = argparse.ArgumentParser(prog="python -m pipeline_jobs.bundle", description=description)
    parser.add_argument(
        "--file-arrival",
        action="store_true",
        help="jobs watch source/ of the volume (default: a schedule); either is paused until the variable triggers "
        "is UNPAUSED",
    )
    parser.add_argument("--cluster", type=Path, metavar="FILE", help="JSON of a job cluster (default: serverless)")
    parser.add_argument(
        "--publish", action="store_true", help="jobs bring their targets to BigQuery, too (docs/warehouse.md)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
