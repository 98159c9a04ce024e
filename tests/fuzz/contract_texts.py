"""Texts of contracts: the shipped ones with lines spoilt, doubled, moved or replaced, and texts that are none."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import strategies as st

from contracts.checking.check import check_folder
from contracts.loader import PACKAGED, SUFFIX

from .target import Target, Try

_TEXTS = [path.read_text("utf-8") for path in sorted(PACKAGED.glob(f"*{SUFFIX}"))]
_VALUES = st.one_of(
    st.sampled_from(
        [
            *(
                "",
                "~",
                "null",
                "true",
                "-1",
                "1e400",
                "0.1",
                ".inf",
                "!!python/none",
                "*x",
                "&x y",
                "<<",
                "- -",
                "{",
                "]",
            ),
            *(
                "|",
                ">-",
                "'",
                '"',
                "[[[[]]]]",
                "{a: {b: {c: 1}}}",
                "[1, 2, 3]",
                "99999999999999999999999999",
                "2026-02-30",
            ),
            *(
                "orders/**",
                "**/**/*?*.csv",
                "/",
                "a//b",
                "_SUCCESS",
                "[a-z]+",
                "(a|b)*",
                r"\d{1,3}",
                "(?i)x",
                "[",
                r"\z",
            ),
            *(
                "total > 0",
                "cast(total as int)",
                "a.b.c",
                "case when 1 then",
                "x is not",
                "1/0",
                "((((1))))",
                "select 1",
            ),
            *("select count(*) as n from orders", "select * from orders", "with a as (select 1) select n from a"),
            *("dd.MM.yyyy HH:mm", "yyyy", "epochMillis", "Europe/Berlin", "../../etc", "utf-8", "latin-1", "rot13"),
        ]
    ),
    st.text(max_size=30),
    st.integers().map(str),
    st.floats().map(repr),
)
_EDITS = ("replace", "drop", "double", "indent", "insert", "swap")


@st.composite
def _spoilt(draw: st.DrawFn) -> str:
    lines = draw(st.sampled_from(_TEXTS)).splitlines()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        edit = draw(st.sampled_from(_EDITS))
        line = lines[at]
        if edit == "replace":
            lines[at] = f"{line.partition(':')[0]}: {draw(_VALUES)}"
        elif edit == "drop":
            lines[at] = ""
        elif edit == "double":
            lines.insert(at, line)
        elif edit == "indent":
            lines[at] = " " * draw(st.integers(0, 12)) + line.lstrip()
        elif edit == "insert":
            lines.insert(at, draw(_VALUES))
        else:
            other = draw(st.integers(0, len(lines) - 1))
            lines[at], lines[other] = lines[other], line
    return "\n".join(lines)


@contextmanager
def _opened(folder: Path) -> Iterator[Try]:
    path = folder / f"drawn{SUFFIX}"

    def check(text: str | bytes) -> None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
        result = check_folder(folder)
        assert result.findings or result.checked
        for finding in result.findings:
            assert "\n" not in str(finding), f"a finding of several lines: {finding!r}"

    yield check


_ORDERS = next(text for text in _TEXTS if "paid_at >= ordered_at" in text)
_KEPT = (
    *(
        _ORDERS.replace("paid_at >= ordered_at", rule)
        for rule in ("round(amount, 1.5) > 0", "round(1.5, 'a') > 0", "year() > 1", "ceil() > 0")
    ),
    _ORDERS.replace("maxFuture, value: 2d", "maxFuture, value: 99999999999999d"),
)

CONTRACTS = Target("contracts", st.one_of(_spoilt(), st.text(max_size=200), st.binary(max_size=200)), _opened, _KEPT)
