"""What can be said of a generation before any of its rows is read."""

from contracts.contract import Contract
from contracts.files.header import HEAD_BYTES, check_first_bytes
from contracts.files.reasons import FileRejected, Reason
from function.event import LandedObject


def check_size(landed: LandedObject, contract: Contract) -> None:
    """Raises FileRejected (too_large)."""
    if contract.max_file_size is not None and landed.size > contract.max_file_size:
        raise FileRejected(
            Reason.TOO_LARGE,
            f"the file has {landed.size} bytes, the contract allows {contract.max_file_size}; "
            "split it, or raise maxFileSize",
        )


def check_content(landed: LandedObject, head: bytes, contract: Contract) -> None:
    """The check of the first 64 KiB, which the job makes again on the file; raises FileRejected."""
    check_first_bytes(head, contract, whole=landed.size <= HEAD_BYTES)
