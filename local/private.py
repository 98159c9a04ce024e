"""Files and folders that their user alone can read, from their first moment on."""

import os
from pathlib import Path


def make_private_folder(path: Path) -> None:
    """With its parents; one that stands there already, open to others, is closed to them. Raises OSError."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)


def write_private(path: Path, text: str) -> None:
    """Whole, in place of what stands there."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)  # an earlier process died over it; whatever its rights are, this file is another one
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    new.replace(path)
