"""The Workspace API over HTTP, as far as `databricks bundle` and the SDK need it for files."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, request

from local.workspace.documents import Document
from local.workspace.errors import NoSuchObject, PermissionDenied
from local.workspace.files import Entry, Files
from local.workspace.folder_permissions import parse_entries
from local.workspace.permissions import USER, Principal

Answer = Callable[[Document], Mapping[str, Any] | None]
_AS_THEY_ARE = ("", "AUTO", "RAW", "SOURCE")
RawAnswer = Callable[[Document, bytes], Response | Mapping[str, Any] | None]


def file_answers(files: Files, caller: Callable[[], Principal]) -> dict[tuple[str, str], Answer]:
    """Give what takes JSON and answers it, by method and path below /api/; for the workspace's own user alone."""

    def got(document: Document) -> dict[str, Any]:
        return files.permissions.of(_folder(files, document))

    def put(document: Document) -> dict[str, Any]:
        object_id = _folder(files, document)
        files.permissions.put(object_id, parse_entries(document), beside=request.method == "PATCH")
        return files.permissions.of(object_id)

    def listed(document: Document) -> dict[str, Any]:
        if "notebooks_modified_after" in document:
            document.refuse("notebooks_modified_after is not supported by this workspace")
        return {"objects": [_json(entry) for entry in files.list(_path(document))]}

    def deleted(document: Document) -> None:
        files.delete(_path(document), recursive=document.flag("recursive"))

    of_folder = "2.0/permissions/directories/<object_id>"
    answers: dict[tuple[str, str], Answer] = {
        ("GET", "2.0/workspace/get-status"): lambda document: _json(files.look(_path(document))),
        ("GET", "2.0/workspace/list"): listed,
        ("POST", "2.0/workspace/mkdirs"): lambda document: files.make_folder(_path(document)),
        ("POST", "2.0/workspace/delete"): deleted,
        ("GET", of_folder): got,
        ("PUT", of_folder): put,
        ("PATCH", of_folder): put,
    }
    return {place: _permitted(answer, caller) for place, answer in answers.items()}


def raw_answers(files: Files, caller: Callable[[], Principal]) -> dict[tuple[str, str], RawAnswer]:
    """Give what takes or answers a file's bytes, by method and path below /api/; for the same user."""

    def imported(document: Document, content: bytes) -> None:
        overwrite = document.flag("overwrite")
        path = _below(document)
        _permit(caller())
        files.write(path, content, overwrite=overwrite)

    def exported(document: Document, _: bytes) -> Response | Mapping[str, Any]:
        _permit(caller())
        if document.text("format", "") not in _AS_THEY_ARE:
            document.refuse(f"format must be one of {', '.join(_AS_THEY_ARE[1:])}: this workspace has files alone")
        content = files.read(_path(document))
        if document.flag("direct_download"):
            return _whole(content)
        return {"content": base64.b64encode(content).decode("ascii")}

    def got(document: Document, _: bytes) -> Response:
        _permit(caller())
        return _whole(files.read(_below(document)))

    return {
        ("POST", "2.0/workspace-files/import-file/<path:path>"): imported,
        ("GET", "2.0/workspace-files/<path:path>"): got,
        ("GET", "2.0/workspace/export"): exported,
    }


def _permitted(answer: Answer, caller: Callable[[], Principal]) -> Answer:
    def ask(document: Document) -> Mapping[str, Any] | None:
        _permit(caller())
        return answer(document)

    return ask


def _permit(caller: Principal) -> None:
    if caller != USER:
        raise PermissionDenied(f"{caller.name} has no right to the files of this workspace.")


def _path(document: Document) -> str:
    path = document.text("path")
    document.finish()
    return path


def _below(document: Document) -> str:
    """Give the path that ends a URL: its slash was lost to the URL's own."""
    return "/" + _path(document).lstrip("/")


def _whole(content: bytes) -> Response:
    return Response(content, content_type="application/octet-stream")


def _folder(files: Files, document: Document) -> int:
    object_id = document.whole("object_id")
    document.finish()
    if not files.has_folder(object_id):
        raise NoSuchObject(f"Directory {object_id} does not exist.")
    return object_id


def _json(entry: Entry) -> dict[str, Any]:
    about = {"path": entry.path, "object_id": entry.object_id, "resource_id": str(entry.object_id)}
    if entry.is_folder:
        return about | {"object_type": "DIRECTORY"}
    times = {"created_at": entry.modified_at, "modified_at": entry.modified_at}
    return about | times | {"object_type": "FILE", "size": entry.size}
