"""Formats of strings, which are named as in the standard: each a regular expression to Java, Rust and, with `\\Z` for
`\\z`, Python.
"""

from collections.abc import Mapping
from types import MappingProxyType

STRING_FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "uuid": r"\A[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\z",
        "email": r"\A[^@ \t\r\n]+@[^@ \t\r\n]+\.[^@. \t\r\n]+\z",
        "uri": r"\A[A-Za-z][A-Za-z0-9+.-]*:[^ \t\r\n]+\z",
    }
)
