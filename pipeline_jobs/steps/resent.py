"""Files that were sent again: a storage client does so by itself when an answer was lost, people do by mistake."""

from collections.abc import Sequence

from pipeline_jobs.run import Run
from pipeline_jobs.state.history import Entry
from pipeline_jobs.state.volume import WaitingFile


def accepted_before(run: Run, files: Sequence[WaitingFile]) -> list[Entry]:
    """The entries that count of accepted files with the names of these; none where the contract loads them again."""
    return run.ledger.accepted_as([file.name for file in files]) if run.contract.resent == "skip" else []


def twin(run: Run, file: WaitingFile, accepted: Sequence[Entry]) -> str | None:
    """The identity of the accepted file that has this one's name and bytes, if there is one.

    What is not in archive/ any more can be compared with nothing. Raises FileNotFoundError where the file is gone.
    """
    earlier = (entry for entry in accepted if entry.name == file.name and entry.file != file.identity)
    of_same_bytes = (entry for entry in earlier if run.volume.has_bytes_of(file, entry.place, entry.path or ""))
    return next((entry.file for entry in of_same_bytes), None)
