"""A running local stack, by the one file in its folder that says where everything is: `stack.json`.

Its keys that count here: `storage_url` (the Cloud Storage JSON API), `workspace_url` and `token` (the Databricks APIs),
`contracts` (the folder of those that it works with). Beside it `stack.lock` is locked for as long as the stack lives.
"""

import fcntl
import json
from dataclasses import dataclass, field
from pathlib import Path

from ingest.targets.errors import TargetError

FOLDER = Path(".local-stack")
_START = "start it with python -m local up"


@dataclass(frozen=True, slots=True)
class LocalStack:
    """The addresses of a stack that runs; the token is this start's."""

    storage_url: str
    workspace_url: str
    token: str = field(repr=False)
    feeds: Path = Path()
    sweep_url: str = ""

    @classmethod
    def on(cls, folder: Path) -> "LocalStack":
        """Raises TargetError where none runs, also where only a dead one's file is left."""
        if not is_running(folder):
            raise TargetError(f"no stack runs here ({folder}); {_START}, or say its folder with --root")
        try:
            known = json.loads((folder / "stack.json").read_text(encoding="utf-8"))
            return cls(
                known["storage_url"],
                known["workspace_url"],
                known["token"],
                Path(known["contracts"]),
                known["sweep_url"],
            )
        except FileNotFoundError as error:
            raise TargetError(f"the stack on {folder} is still starting; try again in a moment") from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TargetError(f"{folder / 'stack.json'} is none of a stack of this version; {_START} anew") from error


def is_running(folder: Path) -> bool:
    """Whether a process holds the folder's lock, which dies with it."""
    try:
        with (folder / "stack.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
