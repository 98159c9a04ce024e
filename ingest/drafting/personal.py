"""Which columns hold what is personal, by their names and by their cells."""

import re
from collections.abc import Sequence

from ingest.drafting.names import words

_NAMES = frozenset(
    (
        *("email", "mail", "phone", "telefon", "tel", "mobile", "mobil", "handy", "fax", "firstname"),
        *("lastname", "surname", "vorname", "nachname", "fullname", "contact", "birthday", "birthdate"),
        *("birth", "geburtsdatum", "geburtstag", "dob", "iban", "ssn", "passport", "ausweis", "address"),
        *("adresse", "anschrift", "street", "strasse", "ip", "customername", "name1"),
    )
)
_PAIRS = ({"first", "name"}, {"last", "name"}, {"contact", "name"}, {"full", "name"}, {"ship", "name"}, {"tax", "id"})
_CELLS = {
    "e-mail addresses": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+"),
    "IBANs": re.compile(r"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?"),
    "IP addresses": re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}"),
    "telephone numbers": re.compile(r"\+[0-9][0-9 ()/-]{7,18}|\([0-9]{1,5}\) [0-9-]{5,12}"),
}
_MOST = 0.9
_LOOKED_AT = 2_000


def personal(name: str, cells: Sequence[str]) -> str | None:
    """Why the column is taken for personal; None where it is not."""
    cells = cells[:_LOOKED_AT]
    for what, shape in _CELLS.items():
        fitting = sum(shape.fullmatch(cell.strip()) is not None for cell in cells)
        if cells and fitting >= _MOST * len(cells):
            return f"{fitting:,} of {len(cells):,} cells look like {what}"
    own = words(name)
    return "by its name" if own & _NAMES or any(pair <= own for pair in _PAIRS) else None
