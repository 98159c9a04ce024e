"""Workbooks as small as they can be, for what no program writes."""

import io
import zipfile
from collections.abc import Mapping

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
ROWS = '<row r="1"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v></c></row>'
"""The headings a and b."""


def workbook(
    rows: str = ROWS, *, styles: str = "", texts: str = "", book: str = "", more: Mapping[str, bytes] | None = None
) -> bytes:
    """With these rows in its sheet; `styles` are the elements within styleSheet, `texts` within sst, `book` stands
    before the sheets, `more` are further parts.
    """
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": _relations({"book": ("officeDocument", "/xl/workbook.xml")}),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{book}<sheets>'
        '<sheet name="hidden" state="hidden" r:id="none"/><sheet name="s" r:id="sheet"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(
            {
                "sheet": ("worksheet", "worksheets/sheet1.xml"),
                "styles": ("styles", "styles.xml"),
                "texts": ("sharedStrings", "sharedStrings.xml"),
            }
        ),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">{styles}</styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{texts}</sst>',
    }
    return zipped({**{name: text.encode() for name, text in parts.items()}, **(more or {})})


def _relations(of: Mapping[str, tuple[str, str]]) -> str:
    each = (f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{at}"/>' for key, (kind, at) in of.items())
    return f'<Relationships xmlns="{_PACKAGE}">{"".join(each)}</Relationships>'


def zipped(members: Mapping[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return written.getvalue()
