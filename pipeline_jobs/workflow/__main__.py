"""`python -m pipeline_jobs.workflow FEED`: prints the job of one feed."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from contracts.checking.language import sound_contracts
from contracts.contract import ContractError
from pipeline_jobs.workflow.clouds import CLUSTERS, NO_LANDING
from pipeline_jobs.workflow.cluster import WrongClusterError, read_cluster
from pipeline_jobs.workflow.job import Deployment, Publish, job_settings
from pipeline_jobs.workflow.triggers import FileArrival, Schedule, WrongTriggerError


def main(argv: Sequence[str]) -> int:
    """Writes the job as JSON to stdout; exits with 2 and one sentence for what cannot be."""
    parser = _parser()
    options = parser.parse_args(argv)
    try:
        contracts = sound_contracts()
    except ContractError as error:
        parser.error(str(error))
    feeds = {contract.feed for contract in contracts}
    if options.feed not in feeds:
        parser.error(f"there is no feed {options.feed}; there are {', '.join(sorted(feeds))}")
    deployment = Deployment(
        catalog=options.catalog,
        schema=options.schema,
        volume=options.volume,
        scratch_volume=options.scratch_volume,
        landing_bucket=_landing(parser, options),
        reader=options.reader,
        tables_location=options.tables_location,
        wheel=options.wheel,
        cluster=_cluster(parser, options),
        trigger=_trigger(parser, options),
        run_as=options.run_as,
        emails=tuple(options.email),
        webhooks=tuple(options.webhook),
        max_retries=options.retries,
        timeout_seconds=options.timeout,
        tags=dict(options.tag),
        publish=options.publish,
    )
    json.dump(job_settings(options.feed, deployment), sys.stdout, indent=2)
    sys.stdout.write("\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    description = "Prints the job of a feed, for `databricks jobs create --json @workflow.json`."
    parser = argparse.ArgumentParser(prog="python -m pipeline_jobs.workflow", description=description)
    parser.add_argument("feed", help="the feed whose job is printed")
    place = parser.add_argument_group("where it works")
    place.add_argument("--catalog", required=True, help="Unity Catalog catalog of the tables")
    place.add_argument("--schema", required=True, help="schema of the tables and volumes")
    place.add_argument("--volume", default="lake", help="external volume on the lake bucket (default: %(default)s)")
    place.add_argument("--scratch-volume", default="scratch", help="managed volume (default: %(default)s)")
    place.add_argument(
        "--tables-location",
        default="",
        metavar="FOLDER",
        help="such as gs://BUCKET/tables: external tables, for readers beside the catalog (default: managed ones)",
    )
    place.add_argument(
        "--landing-bucket", help="the bucket that producers upload to; there is none with --cloud aws or azure"
    )
    place.add_argument(
        "--publish",
        type=_publish,
        metavar="PROJECT.DATASET,LOCATION,CREDENTIAL",
        help="a fourth task that brings the target to BigQuery, by a service credential (docs/warehouse.md)",
    )
    start = parser.add_argument_group("what starts it beside run-now (one at most)")
    start.add_argument("--schedule", metavar="CRON", help="a Quartz expression: '0 0 * * * ?' drains source/ each hour")
    start.add_argument("--time-zone", help="of the schedule, by its IANA name (default: UTC)")
    start.add_argument("--file-arrival", action="store_true", help="new files below source/ of the volume")
    _add_compute(parser)
    _add_people(parser)
    return parser


def _add_compute(parser: argparse.ArgumentParser) -> None:
    compute = parser.add_argument_group("what it runs on")
    compute.add_argument("--wheel", required=True, help="path of the wheel on a volume")
    compute.add_argument(
        "--cloud", choices=sorted(CLUSTERS), help="a job cluster of this cloud's nodes instead of serverless"
    )
    compute.add_argument("--cluster", type=Path, metavar="FILE", help="JSON of a job cluster (default: serverless)")
    compute.add_argument(
        "--reader",
        default="",
        choices=("executors", "driver"),
        help="who opens the files: driver where executors may not read the volume (default: the engine's own way)",
    )
    compute.add_argument("--run-as", default="", metavar="ID", help="application id of a service principal")
    compute.add_argument("--retries", type=int, help="of a load that fails (default: that of job.json)")
    compute.add_argument("--timeout", type=int, metavar="SECONDS", help="of a load (default: that of job.json)")


def _add_people(parser: argparse.ArgumentParser) -> None:
    people = parser.add_argument_group("who is told, and how it is found (repeat them)")
    told = "of a failed run, and of one that takes long"
    people.add_argument("--email", action="append", default=[], help=f"address that is told {told}")
    people.add_argument(
        "--webhook", action="append", default=[], metavar="ID", help=f"notification destination that is told {told}"
    )
    people.add_argument("--tag", action="append", default=[], type=_tag, metavar="KEY=VALUE", help="tag of the job")


def _publish(text: str) -> Publish:
    to, *others = text.split(",")
    project, dot, dataset = to.partition(".")
    if not (dot and project and dataset and len(others) == 2 and all(others)):
        raise argparse.ArgumentTypeError(f"{text!r} is not PROJECT.DATASET,LOCATION,CREDENTIAL")
    return Publish(project, dataset, *others)


def _tag(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key, value


def _trigger(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Schedule | FileArrival | None:
    if options.schedule is not None and options.file_arrival:
        parser.error("a job has one trigger at most: give --schedule or --file-arrival, not both")
    if options.schedule is None and options.time_zone is not None:
        parser.error("--time-zone is that of a --schedule, which is not given")
    if options.schedule is None:
        return FileArrival() if options.file_arrival else None
    try:
        return Schedule.parse(options.schedule, options.time_zone or "UTC")
    except WrongTriggerError as error:
        parser.error(f"--schedule: {error}")


def _landing(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    given: str | None = options.landing_bucket
    if options.cloud in ("aws", "azure") and given is None:
        return NO_LANDING
    if given is None:
        parser.error("the following arguments are required: --landing-bucket")
    return given


def _cluster(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Mapping[str, Any] | None:
    path: Path | None = options.cluster
    if path is None:
        # Serverless, unless a cloud is said.
        return CLUSTERS[options.cloud] if options.cloud else None
    try:
        return read_cluster(path)
    except WrongClusterError as error:
        parser.error(f"--cluster: {error}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
