"""A feed with a column of every type, for what is published of it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.integration.job.job_desk import Properties

KEYED: "Properties" = {
    "id": {"physicalType": "bigint", "primaryKey": True},
    "value": "string",
    "order": "decimal(12,2)",
    "large": "decimal(30,10)",
    "moment": "timestamp",
    "day": "date",
    "share": "double",
    "few": "tinyint",
    "gone": "boolean",
}
HEAD = "id,value,order,large,moment,day,share,few,gone\n"
FIRST = (
    f"{HEAD}1,a,1.50,12345678901234567890.0123456789,9999-12-31T23:59:59.999999Z,0001-01-01,0.1,-128,\n"
    "2,\u00e9'`@low,-0.01,,1969-12-31T23:59:59.999999Z,,,,\n3,c,,,,,,,\n"
)
SECOND = f"{HEAD}1,a2,2.00,,,,,,\n2,,,,,,,,true\n4,d,,,,,,,\n"
