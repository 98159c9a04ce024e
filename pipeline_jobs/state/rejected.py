"""Files in rejected/, each with the document beside it that says why."""

from dataclasses import dataclass
from pathlib import Path

from contracts.files.rejection import Rejection
from contracts.names.paths import REASON_SUFFIX, LakeFile


@dataclass(frozen=True, slots=True)
class RejectedFile:
    """A file in rejected/ at its path below the root, with its reason."""

    path: str
    generation: int
    rejection: Rejection


def rejected_file(root: Path, reason: Path) -> RejectedFile | None:
    """None for what is no reason file, or not yet: the move that a dead run left undone writes it anew.

    A producer may call an object like a reason file; its generation, which stands in the path, nobody foretells.
    """
    path = reason.relative_to(root).as_posix().removesuffix(REASON_SUFFIX)
    try:
        generation = LakeFile.parse(path).generation
        rejection = Rejection.parse(reason.read_bytes())
    except ValueError:
        return None
    is_its_own = generation == 0 or rejection.identity.endswith(f"#{generation}")
    return RejectedFile(path, generation, rejection) if is_its_own else None
