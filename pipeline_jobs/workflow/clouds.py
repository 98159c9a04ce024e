"""What the job runs on in each cloud that Databricks has, where it is no serverless compute."""

from collections.abc import Mapping
from typing import Any

NO_LANDING = "none"
"""The landing bucket of a job whose files are put straight into source/: no identity has it in its name."""

_OF_ALL = {"spark_version": "17.3.x-scala2.13", "num_workers": 2, "data_security_mode": "USER_ISOLATION"}

CLUSTERS: Mapping[str, Mapping[str, Any]] = {
    # Four cores with 32 GB each, and disks of their own for what a merge sets aside.
    "aws": {**_OF_ALL, "node_type_id": "r6id.xlarge"},
    "azure": {**_OF_ALL, "node_type_id": "Standard_E4ds_v5"},
    "gcp": {**_OF_ALL, "node_type_id": "n2-highmem-4"},
}
"""Of each cloud, the `new_cluster` of a job cluster as the Jobs API has it."""
