"""What cells would lose as the narrower type that they fit: they are text then, and this is why."""

import re
from collections.abc import Collection

UNITS = ("€", "$", "£", "%", "EUR", "USD", "GBP", "CHF")
WORDS = (("ja", "nein"), ("oui", "non"), ("sí", "no"), ("si", "no"), ("sì", "no"), ("sim", "não"), ("tak", "nie"))
"""For true and for false, in other languages than English."""
_USUAL = (("true", "false"), ("yes", "no"), ("t", "f"), ("y", "n"))
_SURE = {"true", "false"}
_AMOUNT = re.compile(r"[+-]?[0-9][0-9.,' \u00a0\u202f]*-?")
_UNSIGNED = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_CODES = frozenset(
    (
        *("zip", "plz", "blz", "postal", "phone", "telephone", "telefon", "tel", "mobile", "mobil", "handy", "fax"),
        *("iban", "ean", "gtin", "upc", "isbn", "vat", "issn", "asin", "mpn", "gln", "imei", "siren", "siret"),
        *("sku", "barcode", "code", "serial", "matnr"),
    )
)
_CODES_WITHIN = re.compile(
    r"postleitzahl|bankleitzahl|postalcode|zipcode|(?:plz|phone)$|"
    r"(?:product|produkt|item|article|artikel|material|part|bar|post|country|currency|strich)codes?$|"
    r"(?:product|produkt|article|artikel|material|part|serial|serien|^art)(?:nummer|number|nr|no)$|"
    r"(?:telefon|phone|ruf|handy|mobil|mobile|fax|konto|account)(?:nummer|number|nr|no)$"
)


def is_code(name: str) -> bool:
    """Whether a column's name says that its digits are no number: the next file's may begin with a zero."""
    return bool({*name.split("_")} & _CODES) or _CODES_WITHIN.search(name.replace("_", "")) is not None


def is_boolean(cells: Collection[str]) -> bool:
    """Of the usual words, where both are there, or one that means nothing else: NO alone may be a country's code."""
    words = {cell.lower() for cell in cells}
    known = {word for pair in _USUAL for word in pair}
    return words <= known and (bool(words & _SURE) or any(words >= {*pair} for pair in _USUAL))


def loses_its_plus(cells: Collection[str]) -> bool:
    """Where signs are of telephone numbers: numbers that are less than zero, too, have them as a sign."""
    return any(cell.startswith("+") for cell in cells) and not any(cell.startswith("-") for cell in cells)


def loses_its_zeros(cells: Collection[str]) -> bool:
    """Where zeros at the end tell 1.10 from 1.1, as of versions: whoever writes two digits writes two of each number,
    and a program that writes no more than it needs ends with a zero right behind the point alone.
    """
    if not all(_UNSIGNED.fullmatch(cell) for cell in cells):
        return False
    behind = [digits for cell in cells if (digits := cell.partition(".")[2])]
    return any(digits.endswith("0") and len(digits) > min(map(len, behind)) for digits in behind)


def units_of(cells: Collection[str]) -> tuple[str, ...]:
    return tuple(unit for unit in UNITS if any(_has(cell, unit) for cell in cells))


def loses_its_units(cells: Collection[str]) -> bool:
    """Where a number would not say in which of several units it is, or whether it is a hundredth."""
    units = units_of(cells)
    return len(units) > 1 or ("%" in units and not all(_has(cell, "%") for cell in cells))


def loss(cells: Collection[str]) -> str | None:
    """Why cells are text that fit a narrower type otherwise."""
    plain = [_without(cell.strip()) for cell in cells]
    if plain and all(_AMOUNT.fullmatch(cell) for cell in plain):
        if loses_its_plus([cell.strip() for cell in cells]):
            return "cells begin with + and none with -, as telephone numbers do: a number would lose it"
        if loses_its_units([cell.strip() for cell in cells]):
            return "cells have several units, or a percent sign that others lack: numbers would lose them"
        if loses_its_zeros([cell.strip() for cell in cells]):
            return "cells end with zeros that others lack, as of 1.10 beside 1.9: numbers would lose them"
    words = {cell.strip().lower() for cell in cells}
    if len(words) == 1 and words <= {word for pair in (*_USUAL, *WORDS) for word in pair} - _SURE:
        return "every cell is one and the same word: as boolean, write the other one, too (trueTokens, falseTokens)"
    return None


def _has(cell: str, unit: str) -> bool:
    return cell.startswith(unit) or cell.endswith(unit)


def _without(cell: str) -> str:
    unit = next((unit for unit in UNITS if _has(cell, unit)), "")
    return cell.removeprefix(unit).removesuffix(unit).strip() if unit else cell
