"""What can be said of a generation before any of its rows is read."""

from feeds.contract import Contract
from feeds.header import HEAD_BYTES, check_head
from feeds.reasons import FileRejected, Reason
from function.event import LandedObject


def announces_a_file(name: str, size: int) -> bool:
    """Whether an object is a placeholder: gcsfuse and SFTP gateways create an empty object before the full one."""
    base_name = name.rpartition("/")[2]
    return size == 0 or base_name in ("", "_SUCCESS") or base_name.endswith(".tmp")


def is_placeholder(landed: LandedObject) -> bool:
    return announces_a_file(landed.name, landed.size)


def check_size(landed: LandedObject, contract: Contract) -> None:
    """Raises FileRejected (too_large)."""
    if contract.max_file_size is not None and landed.size > contract.max_file_size:
        raise FileRejected(
            Reason.TOO_LARGE,
            f"the file has {landed.size} bytes, the contract allows {contract.max_file_size}; "
            "split it, or raise maxFileSize",
        )


def check_content(landed: LandedObject, head: bytes, contract: Contract) -> None:
    """The check of the first 64 KiB that the job makes again; raises FileRejected."""
    check_head(head, contract, whole=landed.size <= HEAD_BYTES)
