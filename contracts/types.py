"""The column types of the contract language, with what the tables call them."""

import re
from dataclasses import dataclass

from contracts.suggestions import did_you_mean

TRUE, FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")
"""The usual words of a boolean, in any case."""
INTEGER_BITS = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64}
_CASTS = {
    "text": ("text", "integer", "decimal", "boolean", "time"),
    "integer": ("text", "integer", "decimal", "double", "boolean"),
    "decimal": ("text", "integer", "decimal", "double"),
    "double": ("text", "integer", "decimal", "double", "boolean"),
    "boolean": ("text", "boolean"),
    "time": ("text", "time"),
}
"""To each family the families that every engine casts to it alike."""
_ALIASES = {
    "byte": "tinyint",
    "short": "smallint",
    "integer": "int",
    "long": "bigint",
    "numeric": "decimal",
    "dec": "decimal",
}
_INSTEAD = {
    **dict.fromkeys(("varchar", "char", "nvarchar", "character", "text", "str", "json", "enum", "object"), "string"),
    "uuid": "string, with logicalTypeOptions: {format: uuid}",
    **dict.fromkeys(("float", "real", "float64", "float32"), "double, or decimal(p,s) for amounts"),
    **dict.fromkeys(("money", "currency", "amount", "number"), "decimal(18,2)"),
    **dict.fromkeys(("datetime", "datetime2", "timestamptz", "timestamp_ntz", "timestamp_ltz"), "timestamp"),
    **dict.fromkeys(("bool", "bit"), "boolean"),
    **dict.fromkeys(("int64", "int8", "serial", "bigserial", "unsigned"), "bigint"),
    **dict.fromkeys(("int32", "int4", "mediumint"), "int"),
    "time": "string: a time of day without its date has no type here",
}
"""What is written for the types of other languages."""
_NAMES = frozenset({*INTEGER_BITS, "decimal", "double", "boolean", "date", "timestamp", "string"})
_SHAPE = re.compile(r"([a-z]+)(?:\(\s*([0-9]+)\s*(?:,\s*([0-9]+)\s*)?\))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class ColumnType:
    """One Spark SQL type; precision and scale are 0 for all but decimal."""

    name: str
    precision: int = 0
    scale: int = 0

    @classmethod
    def parse(cls, text: str) -> "ColumnType":
        """From a contract's `physicalType`; raises ValueError with a sentence."""
        match = _SHAPE.fullmatch(text.strip().lower())
        name = _ALIASES.get(match[1], match[1]) if match else ""
        if match is None or name not in _NAMES or (match[2] and name != "decimal"):
            raise ValueError(f"physicalType {text!r} is no type here; {_instead(text)}")
        if name != "decimal":
            return cls(name)
        precision, scale = int(match[2] or 10), int(match[3] or 0)
        if not (1 <= precision <= 38 and scale <= precision):
            raise ValueError(f"physicalType {text!r}: a decimal has 1 to 38 digits, the scale among them")
        return cls(name, precision, scale)

    @property
    def sql(self) -> str:
        return f"decimal({self.precision},{self.scale})" if self.name == "decimal" else self.name

    @property
    def is_integer(self) -> bool:
        return self.name in INTEGER_BITS

    @property
    def is_number(self) -> bool:
        return self.is_integer or self.name in ("decimal", "double")

    @property
    def is_time(self) -> bool:
        return self.name in ("date", "timestamp")

    @property
    def family(self) -> str:
        """Of types that are written, compared and cast alike: text, integer, decimal, double, boolean, time."""
        if self.is_integer:
            return "integer"
        return {"string": "text", "date": "time", "timestamp": "time"}.get(self.name, self.name)

    def is_cast_to(self, other: "ColumnType") -> bool:
        """Whether every engine casts such values to the other type, and alike; what it cannot hold becomes NULL."""
        return self.family in _CASTS[other.family]

    @property
    def integer_range(self) -> tuple[int, int]:
        """Smallest and greatest value; only for integers."""
        bits = INTEGER_BITS[self.name]
        return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


def _instead(text: str) -> str:
    word = re.match("[a-z0-9_]*", text.strip().lower(), re.ASCII)
    foreign = _INSTEAD.get(word[0]) if word else None
    return f"write {foreign}" if foreign else did_you_mean(text, {*_NAMES, *_ALIASES})
