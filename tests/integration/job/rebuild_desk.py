"""A feed that is made again from its archive, and the steps of doing so."""

from typing import TYPE_CHECKING, Any

from pipeline_jobs.operations.operation import Do, Operation
from pipeline_jobs.rebuilding.findings import Comparison

if TYPE_CHECKING:
    from contracts.contract import Contract
    from tests.integration.job.job_desk import JobDesk, Properties

KEYED: "Properties" = {"id": {"physicalType": "bigint", "primaryKey": True}, "seq": "int", "value": "string"}
DELETES: dict[str, Any] = {"sequenceBy": ["seq"], "deleteWhen": "value = 'gone'", "maxBadRows": {"count": 1}}
ORDER = ("_finalized_at", "_generation", "_file", "_row")
FILES = (
    "id,seq,value\n1,1,a\n2,1,b\n3,1,c\n",
    "id,seq,value\n1,3,a3\n2,2,gone\n4,x,bad\n",
    "id,seq,value\n2,1,late\n1,2,a2\n",
    "id,seq,value\n5,1,gone\n3,5,gone\n3,9,c9\n",
    "id,seq,value\n5,7,back\n",
    "id,seq,value\nx,x,bad\ny,y,bad\n",
)


def rebuild(desk: "JobDesk", of: "Contract") -> Comparison:
    desk.operate(of, Operation(Do.REBUILD))
    return compared(desk)


def swap(desk: "JobDesk", of: "Contract", *, accept_rejected: bool = False, without_gone: bool = False) -> None:
    desk.operate(of, Operation(Do.SWAP, accept_rejected=accept_rejected, without_gone=without_gone))


def compared(desk: "JobDesk") -> Comparison:
    """As the ledger has it of the last rebuild."""
    entries = desk.engine.read("file_ledger").filter("state = 'compared'").orderBy("at").collect()
    return Comparison.from_json(entries[-1]["detail"])


def rows(desk: "JobDesk", of: "Contract") -> list[tuple[str | None, ...]]:
    return desk.rows(of.table, *(column.name for column in of.columns), *ORDER)
