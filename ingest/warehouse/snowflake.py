"""The statements by which Snowflake reads a feed's tables where the job writes them.

Nobody here has a Snowflake: they are written by its documents, which each statement names.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.checking.between import LEDGER
from contracts.contract import Contract
from contracts.printable import printable
from ingest.warehouse.location import Location

_VOLUME = "https://docs.snowflake.com/en/sql-reference/sql/create-external-volume"
_CATALOG = "https://docs.snowflake.com/en/sql-reference/sql/create-catalog-integration-object-storage"
_TABLE = "https://docs.snowflake.com/en/sql-reference/sql/create-iceberg-table-delta"
_REFRESH = "https://docs.snowflake.com/en/sql-reference/sql/alter-iceberg-table-refresh"


@dataclass(frozen=True, slots=True)
class Snowflake:
    """Where the tables go, and how Snowflake comes to the files. Names are identifiers, with nothing in them to quote.

    `identity` is what the store asks for beside an address: a role's ARN on AWS, a tenant's id on Azure, nothing on
    Google Cloud. `refresh_seconds` is how often Snowflake looks for what is new.
    """

    database: str
    schema: str
    name: str
    location: Location
    identity: str
    refresh_seconds: int

    def statements(self, contract: Contract) -> str:
        """SQL, in the order in which it is run; run again, it changes nothing that is there."""
        return "\n\n".join((*self._once(), *self._of_feed(contract))) + "\n"

    def _once(self) -> Iterator[str]:
        needs = {"S3": f" STORAGE_AWS_ROLE_ARN = '{self.identity}'", "AZURE": f" AZURE_TENANT_ID = '{self.identity}'"}
        place = (
            f"(NAME = '{self.name}' STORAGE_PROVIDER = '{self.location.provider}' "
            f"STORAGE_BASE_URL = '{self.location.url}'{needs.get(self.location.provider, '')})"
        )
        yield (
            f"-- Once for all feeds: the folder of the tables, to read alone. {_VOLUME}\n"
            f"CREATE EXTERNAL VOLUME IF NOT EXISTS {self.name}_tables\n"
            f"  STORAGE_LOCATIONS = ({place})\n  ALLOW_WRITES = FALSE;"
        )
        yield f"{self._rights()}\nDESC EXTERNAL VOLUME {self.name}_tables;"
        yield (
            f"-- {_CATALOG}\n"
            f"CREATE CATALOG INTEGRATION IF NOT EXISTS {self.name}_delta\n"
            "  CATALOG_SOURCE = OBJECT_STORE\n  TABLE_FORMAT = DELTA\n"
            f"  REFRESH_INTERVAL_SECONDS = {self.refresh_seconds}\n  ENABLED = TRUE;"
        )
        yield self._table(LEDGER)

    def _rights(self) -> str:
        if self.location.provider == "GCS":
            return (
                "-- Give the account that it names as STORAGE_GCP_SERVICE_ACCOUNT the right to read, and no other:\n"
                f"--   gcloud storage buckets add-iam-policy-binding gs://{self.location.bucket}"
                " --role roles/storage.objectViewer --member serviceAccount:ACCOUNT"
            )
        what = "IAM user and external id (trust policy of the role)" if self.location.provider == "S3" else "consent"
        return f"-- Give what it names the right to read {self.location.bucket}, and nothing else: {what}."

    def _of_feed(self, contract: Contract) -> Iterator[str]:
        classified = [f"{one.name} ({one.classification})" for one in contract.columns if one.classification]
        warning = (
            "-- The contract classifies columns, which Snowflake does not know of: who may select from this table\n"
            f"-- reads them, too. Give others a view without: {printable(', '.join(classified))}.\n"
            if classified
            else ""
        )
        yield warning + self._table(contract.table)
        yield (
            f"-- Where nobody may wait for the next look. {_REFRESH}\n"
            f"ALTER ICEBERG TABLE {self._named(contract.table)} REFRESH;"
        )

    def _table(self, table: str) -> str:
        return (
            f"-- {_TABLE}\n"
            f"CREATE ICEBERG TABLE IF NOT EXISTS {self._named(table)}\n"
            f"  EXTERNAL_VOLUME = '{self.name}_tables'\n  CATALOG = '{self.name}_delta'\n"
            f"  BASE_LOCATION = '{table}'\n  AUTO_REFRESH = TRUE;"
        )

    def _named(self, table: str) -> str:
        # As Snowflake takes it without quotes, but for words of its language, which it would not take so.
        return f'{self.database}.{self.schema}."{table.upper()}"'
