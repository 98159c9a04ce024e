"""What a workbook says before its cells: which sheet is the first, its texts, and which formats are dates."""

import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from io import BufferedReader

from contracts.files.reasons import FileRejected, Reason
from pipeline_jobs.reading.excel.values import Style
from pipeline_jobs.reading.excel.xml import Target, broken, read_part, whole_number
from pipeline_jobs.reading.unpacking import open_zip

MOST_HELD_BYTES = 64 * 1024 * 1024
"""Of a part that stands in memory; the sheet itself does not."""
_MOST_STYLES, _LONGEST_CODE = 65_536, 255
"""Of any workbook, and of a number format (https://support.microsoft.com/office/excel-specifications-and-limits)."""
_ESCAPED = re.compile("_x((?![Dd][89A-Fa-f])[0-9A-Fa-f]{4})_")
"""But for half of a character, which no text is."""
_TOLD_BY_NAME = {
    "vbaproject.bin": "it holds macros, which nobody here runs; save it as .xlsx without them",
    "/externallinks/": "its cells are taken from other workbooks; paste them as values and save it again",
    "workbook.bin": "it is a binary workbook (.xlsb); save it as .xlsx",
}


@dataclass(frozen=True, slots=True)
class Workbook:
    """`sheet` names the part of the first sheet that is not hidden."""

    archive: zipfile.ZipFile
    sheet: str
    texts: list[str]
    styles: list[Style]
    is_1904: bool


def open_workbook(raw: BufferedReader) -> Workbook:
    """Raises FileRejected: format, compression, too_large."""
    archive = open_zip(raw)
    names = [name.lower() for name in archive.namelist()]
    for sign, detail in _TOLD_BY_NAME.items():
        if any(sign in name for name in names):
            raise FileRejected(Reason.FORMAT, detail)
    if "[content_types].xml" not in names:
        raise FileRejected(Reason.FORMAT, "it is a zip and no workbook (.xlsx); the contract says fileFormat: excel")
    root = _related(archive, "")
    book_name = next((part for kind, part in root.values() if kind == "officeDocument"), None)
    if book_name is None:
        raise FileRejected(Reason.FORMAT, "it is a document of another kind and no workbook (.xlsx)")
    book, parts = _Book(), _related(archive, book_name)
    _read(archive, book_name, book)
    kind, sheet = parts.get(book.first or "", ("", ""))
    if kind != "worksheet":
        raise FileRejected(Reason.FORMAT, "its first sheet is none with cells; move the one with the rows to the front")
    by_kind = dict(parts.values())
    texts, styles = _Texts(), _Styles()
    if "sharedStrings" in by_kind:
        _read(archive, by_kind["sharedStrings"], texts)
    if "styles" in by_kind:
        _read(archive, by_kind["styles"], styles)
    return Workbook(archive, sheet, texts.found, styles.found, book.is_1904)


def unescaped(text: str) -> str:
    """Characters that XML cannot hold stand in cells as _x000D_ (ECMA-376, 22.9.2.19)."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _read(archive: zipfile.ZipFile, name: str, target: Target) -> None:
    for _ in read_part(archive, name, target, MOST_HELD_BYTES):
        pass


def _related(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """The parts that a part names: by id, each with the last word of its type."""
    folder, name = posixpath.split(part)
    relations = _Relations(folder)
    _read(archive, posixpath.join(folder, "_rels", f"{name}.rels"), relations)
    return relations.found


class _Quiet:
    """A target for which only beginnings count."""

    def end(self, name: str) -> None:
        """Nothing hangs on it."""

    def text(self, data: str) -> None:
        """Nothing stands there."""


class _Relations(_Quiet):
    def __init__(self, folder: str) -> None:
        self.found: dict[str, tuple[str, str]] = {}
        self._folder = folder

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", self._folder, attributes.get("Target", "")))
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.found[attributes.get("Id", "")] = (kind, target.lstrip("/"))


class _Book(_Quiet):
    def __init__(self) -> None:
        self.first: str | None = None
        self.is_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "workbookPr":
            self.is_1904 = attributes.get("date1904") in ("1", "true")
        elif name == "sheet" and self.first is None and attributes.get("state", "visible") == "visible":
            # By whatever prefix: r:id in the transitional and in the strict form.
            self.first = next((value for key, value in attributes.items() if key.endswith(" id")), None)


@dataclass(slots=True)
class _Texts:
    """Rich text is joined; how it is to be read out (rPh) is not part of it."""

    found: list[str] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)
    _is_text: bool = False
    _is_spoken: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002  # the protocol's signature
        if name == "si":
            self._parts = []
        self._is_spoken = self._is_spoken or name == "rPh"
        self._is_text = name == "t" and not self._is_spoken

    def end(self, name: str) -> None:
        if name == "si":
            self.found.append(unescaped("".join(self._parts)))
        elif name == "rPh":
            self._is_spoken = False
        self._is_text = False

    def text(self, data: str) -> None:
        if self._is_text:
            self._parts.append(data)


class _Styles(_Quiet):
    """`found` are those of cells, in their order."""

    def __init__(self) -> None:
        self.found: list[Style] = []
        self._codes: dict[int, str] = {}
        self._by_number: dict[int, Style] = {}
        self._is_of_cells = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            number = whole_number(attributes.get("numFmtId", ""), "the number of a format")
            self._codes[number] = code = attributes.get("formatCode", "")
            if len(code) > _LONGEST_CODE:
                raise broken("a number format is longer than one may be")
        elif name == "xf" and self._is_of_cells:
            number = whole_number(attributes.get("numFmtId", "0"), "the number of a format")
            if number not in self._by_number:
                self._by_number[number] = Style.of(number, self._codes.get(number))
            self.found.append(self._by_number[number])
            if len(self.found) > _MOST_STYLES:
                raise broken("it has more formats than there may be")
        self._is_of_cells = self._is_of_cells or name == "cellXfs"

    def end(self, name: str) -> None:
        self._is_of_cells = self._is_of_cells and name != "cellXfs"


def text_at(book: Workbook, number: str) -> str:
    """Raises FileRejected (format)."""
    at = whole_number(number, "the number of a text")
    if at >= len(book.texts):
        raise broken("a cell names a text that is not there")
    return book.texts[at]
