"""Who may do what with a folder: kept and shown, and obeyed by nothing here."""

import json
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from local.private import write_private
from local.workspace.documents import Document
from local.workspace.permissions import KINDS

_LEVELS = ("CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE")
Entries = Sequence[Mapping[str, str]]


def parse_entries(document: Document) -> Entries:
    """Read the body of a request to the Permissions API; raises InvalidParameterValue naming every problem."""
    document.refuse_others_than("object_id", "access_control_list")
    entries = [_entry(item) for item in document.children("access_control_list")]
    document.finish()
    return entries


class FolderPermissions:
    """The entries of each folder, by its id, in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._kept: dict[str, list[Mapping[str, str]]] = json.loads(path.read_text()) if path.exists() else {}

    def of(self, object_id: int) -> dict[str, Any]:
        """Give a folder's entries as the Permissions API shows them."""
        shown = [
            {name: value for name, value in entry.items() if name in KINDS}
            | {"all_permissions": [{"permission_level": entry["permission_level"], "inherited": False}]}
            for entry in self._kept.get(str(object_id), [])
        ]
        about = {"object_id": f"/directories/{object_id}", "object_type": "directory"}
        return about | {"access_control_list": shown}

    def put(self, object_id: int, entries: Entries, *, beside: bool) -> None:
        """Set a folder's entries, or (`beside`) add to them; the last word on a principal counts."""
        with self._lock:
            held = self._kept.get(str(object_id), []) if beside else []
            merged = {_who(entry): entry for entry in [*held, *entries]}
            self._kept[str(object_id)] = list(merged.values())
            write_private(self._path, json.dumps(self._kept))


def _entry(document: Document) -> dict[str, str]:
    document.refuse_others_than(*KINDS, "permission_level")
    named = {kind: name for kind in KINDS if (name := document.text(kind, ""))}
    if len(named) != 1:
        document.refuse(f"one of {', '.join(KINDS)} is needed")
    level = document.text("permission_level")
    if level not in _LEVELS:
        document.refuse(f"permission_level must be one of {', '.join(_LEVELS)}")
    return named | {"permission_level": level}


def _who(entry: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{kind} {entry[kind].casefold()}" for kind in KINDS if kind in entry)
