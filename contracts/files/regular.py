"""What is a file in the lake: bytes under a name, as an object is. A link, a pipe, a device and a socket are none."""

import errno
from io import BufferedReader
from pathlib import Path
from stat import S_ISREG


def is_regular(path: Path) -> bool:
    """Whether a file stands there itself: no link is followed at the path's end."""
    try:
        return S_ISREG(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def require_regular(path: Path) -> None:
    """Raises FileNotFoundError also for a link, and for a pipe, which whoever opens it would wait for."""
    if not is_regular(path):
        raise FileNotFoundError(errno.ENOENT, "there is no regular file", str(path))


def open_regular(path: Path) -> BufferedReader:
    """The file's bytes; raises FileNotFoundError as `require_regular`."""
    require_regular(path)
    return path.open("rb")
