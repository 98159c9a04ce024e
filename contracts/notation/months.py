"""The names of months as people write them, by language: the full name and its usual short forms, case aside.

After Unicode's CLDR (https://cldr.unicode.org, calendar "gregorian", format and stand-alone), each with or without the
point of an abbreviation.
"""

from collections.abc import Mapping
from types import MappingProxyType

_ENGLISH = "january jan/february feb/march mar/april apr/may/june jun/july jul/august aug/september sep sept/"
_GERMAN = (
    "januar jan jänner jän/februar feb/märz mär mrz/april apr/mai/juni jun/juli jul/august aug/september sep sept/"
)
_FRENCH = "janvier janv jan/février févr fév/mars mar/avril avr/mai/juin/juillet juil/août aoû/septembre sept sep/"
_SPANISH = "enero ene/febrero feb/marzo mar/abril abr/mayo may/junio jun/julio jul/agosto ago/septiembre sept sep/"
_ITALIAN = "gennaio gen/febbraio feb/marzo mar/aprile apr/maggio mag/giugno giu/luglio lug/agosto ago/settembre set/"
_DUTCH = "januari jan/februari feb/maart mrt/april apr/mei/juni jun/juli jul/augustus aug/september sep/"
_PORTUGUESE = "janeiro jan/fevereiro fev/março mar/abril abr/maio mai/junho jun/julho jul/agosto ago/setembro set/"

_NAMES = {
    "en": _ENGLISH + "october oct/november nov/december dec",
    "de": _GERMAN + "oktober okt/november nov/dezember dez",
    "fr": _FRENCH + "octobre oct/novembre nov/décembre déc",
    "es": _SPANISH + "octubre oct/noviembre nov/diciembre dic",
    "it": _ITALIAN + "ottobre ott/novembre nov/dicembre dic",
    "nl": _DUTCH + "oktober okt/november nov/december dec",
    "pt": _PORTUGUESE + "outubro out/novembro nov/dezembro dez",
}
MONTHS: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {language: tuple(tuple(month.split()) for month in names.split("/")) for language, names in _NAMES.items()}
)
"""Of each language the twelve months, each with its names in lower case, the full one first."""


def month_pattern(language: str) -> str:
    """A regular expression of any of the names, in any case, the longest first: the same to Java, Rust and Python."""
    names = sorted((name for month in MONTHS[language] for name in month), key=lambda name: (-len(name), name))
    return "|".join("".join(f"[{char.upper()}{char}]" for char in name) for name in names)


def month_number(name: str, language: str) -> int:
    """From 1; raises StopIteration for what `month_pattern` does not match."""
    return next(number for number, names in enumerate(MONTHS[language], 1) if name.lower() in names)


def month_written(number: int, language: str, *, is_short: bool) -> str:
    """As a person would write it."""
    names = MONTHS[language][number - 1]
    name = names[1] if is_short and len(names) > 1 else names[0]
    return name if language in ("fr", "es", "it", "nl", "pt") else name.capitalize()
