"""The folder of the tables in a store, as Terraform and the job have it, and as Snowflake wants it."""

import re
from dataclasses import dataclass

_FOLDERS = {
    "GCS": re.compile(r"gs://(?P<bucket>[a-z0-9._-]+)(?P<path>(/[A-Za-z0-9._-]+)*)", re.ASCII),
    "S3": re.compile(r"s3://(?P<bucket>[a-z0-9.-]+)(?P<path>(/[A-Za-z0-9._-]+)*)", re.ASCII),
    "AZURE": re.compile(
        r"abfss://(?P<container>[a-z0-9-]+)@(?P<account>[a-z0-9]+)\.dfs\.core\.windows\.net(?P<path>(/[A-Za-z0-9._-]+)*)",
        re.ASCII,
    ),
}


class WrongLocationError(ValueError):
    """What was given is no folder of a store."""


@dataclass(frozen=True, slots=True)
class Location:
    """`provider` is Snowflake's word for the store, `url` its way to write the folder; of letters, digits and
    `:/._-` alone. `bucket` is what a right on it is asked of: a bucket, or a container.
    """

    provider: str
    url: str
    bucket: str

    @classmethod
    def parse(cls, text: str) -> "Location":
        """From `gs://BUCKET/…`, `s3://BUCKET/…` or `abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/…`.

        Raises WrongLocationError.
        """
        for provider, folder in _FOLDERS.items():
            found = folder.fullmatch(text.rstrip("/"))
            if found is None:
                continue
            parts = found.groupdict()
            if provider == "AZURE":
                # https://docs.snowflake.com/en/sql-reference/sql/create-external-volume
                base = f"azure://{parts['account']}.blob.core.windows.net/{parts['container']}"
                return cls(provider, f"{base}{parts['path']}/", parts["container"])
            scheme = "gcs" if provider == "GCS" else "s3"
            return cls(provider, f"{scheme}://{parts['bucket']}{parts['path']}/", parts["bucket"])
        raise WrongLocationError(
            f"{text!r} is no folder of tables: it is what `terraform output -raw tables_location` says, such as "
            "gs://BUCKET/tables (s3://BUCKET/tables, abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/tables)"
        )
