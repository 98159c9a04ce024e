"""`ingest warehouse`: what another warehouse has to be told to read a feed's tables."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import typer

from contracts.contract import Contract, ContractError
from contracts.loader import PACKAGED, load_contracts
from contracts.suggestions import did_you_mean
from ingest.output import wrong_use
from ingest.warehouse.location import Location, WrongLocationError
from ingest.warehouse.snowflake import Snowflake

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+", re.ASCII)
_TENANT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_LEAST_SECONDS, _MOST_SECONDS = 30, 86_400
"""What Snowflake takes for REFRESH_INTERVAL_SECONDS."""


def warehouse(  # noqa: PLR0913  # the options of a command
    _: Annotated[
        Literal["snowflake"], typer.Argument(metavar="WAREHOUSE", show_default=False, help="Which: `snowflake`.")
    ],
    feed: Annotated[str, typer.Argument(metavar="FEED", show_default=False, help="Whose tables.")],
    *,
    location: Annotated[
        str,
        typer.Option(
            "--location", metavar="FOLDER", show_default=False, help="Of the tables: gs://…, s3://…, abfss://…."
        ),
    ],
    database: Annotated[str, typer.Option("--database", help="Where the tables go.")] = "INGEST",
    schema: Annotated[str, typer.Option("--schema", help="Where in the database.")] = "PUBLIC",
    name: Annotated[str, typer.Option("--name", help="What volume and integration begin with.")] = "ingest",
    aws_role: Annotated[str, typer.Option("--aws-role", metavar="ARN", help="With s3://: the role that reads.")] = "",
    azure_tenant: Annotated[str, typer.Option("--azure-tenant", metavar="ID", help="With abfss://: the tenant.")] = "",
    refresh_seconds: Annotated[
        int, typer.Option("--refresh-seconds", help="How often it looks for what is new.")
    ] = 300,
    feeds: Annotated[
        Path, typer.Option("--feeds", metavar="FOLDER", show_default=False, help="Other contracts than those here.")
    ] = PACKAGED,
) -> None:
    """Print the SQL by which Snowflake reads a feed's tables: where the job writes them, with nothing copied.

    The tables must be external ones (docs/warehouse.md). The SQL was written by Snowflake's documents and has not been
    seen running; nothing is sent anywhere.
    """
    contract = _contract(feed, feeds)
    names = {"--database": database, "--schema": schema, "--name": name}
    place = _place(location, aws_role, azure_tenant, _wrong_names(names) + _wrong_wait(refresh_seconds))
    to = Snowflake(database, schema, name, place, aws_role or azure_tenant, refresh_seconds)
    # As it is: folded lines would be another text.
    sys.stdout.write(to.statements(contract))


def _place(text: str, aws_role: str, azure_tenant: str, problems: list[str]) -> Location:
    """Raises `wrong_use` with everything that is wrong, what was found before included."""
    try:
        place = Location.parse(text)
    except WrongLocationError as error:
        raise wrong_use("; ".join([f"--location {error}", *problems])) from error
    problems = problems + _wrong_identity(place.provider, aws_role, azure_tenant)
    if problems:
        raise wrong_use("; ".join(problems))
    return place


def _wrong_names(names: Mapping[str, str]) -> list[str]:
    return [
        f"{option} {value!r} must be letters, digits and underscores"
        for option, value in names.items()
        if not _NAME.fullmatch(value)
    ]


def _wrong_wait(seconds: int) -> list[str]:
    is_right = _LEAST_SECONDS <= seconds <= _MOST_SECONDS
    return [] if is_right else [f"--refresh-seconds must be {_LEAST_SECONDS} to {_MOST_SECONDS}"]


def _wrong_identity(provider: str, aws_role: str, azure_tenant: str) -> list[str]:
    """What is wrong with the two, of which a store wants its own and no other."""
    told = {"S3": ("--aws-role", aws_role, _ROLE), "AZURE": ("--azure-tenant", azure_tenant, _TENANT)}
    problems = []
    for store, (option, value, form) in told.items():
        if store == provider and not form.fullmatch(value):
            example = "arn:aws:iam::123456789012:role/NAME" if store == "S3" else "a UUID"
            problems.append(f"a folder there needs {option}, {example}")
        if store != provider and value:
            problems.append(f"{option} is for another store than that of --location")
    return problems


def _contract(feed: str, folder: Path) -> Contract:
    try:
        contracts = {one.feed: one for one in load_contracts(folder)}
    except ContractError as error:
        raise wrong_use(str(error)) from error
    if feed not in contracts:
        raise wrong_use(f"there is no feed {feed!r}; {did_you_mean(feed, contracts)}")
    return contracts[feed]
