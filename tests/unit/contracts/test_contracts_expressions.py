"""The SQL of a contract: what is allowed, what is refused, and that nothing of a text reaches an engine unread."""

import pytest

from contracts.expressions.parsed import ExpressionError
from contracts.expressions.portable import portable_expression

COLUMNS = {"a": "a", "b": "b", "t.x": "_lent_0_x", "t.a": "_lent_0_a"}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a >= b", "(`a` >= `b`)"),
        ("`a` = 1", "(`a` = 1)"),
        ("not a", "(NOT `a`)"),
        ("a <> 1 or b is null and a", "(`a` <> 1 OR `b` IS NULL AND `a`)"),
        ("a in ('x', 'y')", "(`a` IN ('x', 'y'))"),
        ("a like 'x%'", "(`a` LIKE 'x%')"),
        ("a like '%x_y%' or a like 'x%y'", "(`a` LIKE '%x_y%' OR `a` LIKE 'x%y')"),
        ("case when a then 1 else 2 end", "(CASE WHEN `a` THEN 1 ELSE 2 END)"),
        ("nvl(a, b)", "(COALESCE(`a`, `b`))"),
        ("year(a)", "(YEAR(`a`))"),
        ("t.x > a", "(`_lent_0_x` > `a`)"),
        ('a = "it\'s"', r"(`a` = 'it\'s')"),
    ],
)
def test_an_expression_is_written_anew_with_quoted_names(text: str, written: str) -> None:
    """Every engine is given the same text, which the project wrote."""
    assert portable_expression(text, COLUMNS) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a / b", "(TRY_CAST(`a` AS DOUBLE) / NULLIF(TRY_CAST(`b` AS DOUBLE), 0))"),
        ("a / nullif(b, 5)", "(TRY_CAST(`a` AS DOUBLE) / NULLIF(TRY_CAST(NULLIF(`b`, 5) AS DOUBLE), 0))"),
        ("a % b", "(`a` % NULLIF(`b`, 0))"),
        ("mod(a, 0)", "(`a` % NULLIF(0, 0))"),
        ("cast(a as int)", "(TRY_CAST(`a` AS INT))"),
        ("a::bigint", "(TRY_CAST(`a` AS BIGINT))"),
        (
            "cast(cast(a as int) / 2 as int)",
            "(TRY_CAST(TRY_CAST(TRY_CAST(`a` AS INT) AS DOUBLE) / NULLIF(TRY_CAST(2 AS DOUBLE), 0) AS INT))",
        ),
        ("date '2026-01-31' < a", "(TRY_CAST('2026-01-31' AS DATE) < `a`)"),
        ("substring(a, 2, b)", "(SUBSTRING(`a`, 2, GREATEST(`b`, 0)))"),
    ],
)
def test_what_may_raise_gives_null_instead(text: str, written: str) -> None:
    """A row never stops its file; decimals are divided as doubles, which engines do alike."""
    assert portable_expression(text, COLUMNS) == written


@pytest.mark.parametrize(
    "text",
    [
        *("select 1", "(select max(a) from t)", "a in (select 1)", "exists (select 1)", "a union select 1"),
        *("a; drop table t", "drop table t", "a; b", "", "  ", "a, b", "a as b", "a limit 1", "a where b"),
        *("*", "count(*)", "sum(a)", "max(a)", "row_number() over (order by a)", "first(a)", "explode(a)"),
        *("rand()", "uuid()", "current_timestamp", "now()", "current_user()", "monotonically_increasing_id()"),
        *("reflect('java.lang.System', 'exit', 0)", "java_method('a', 'b')", "read_files('/etc')", "input_file_name()"),
        *(
            "a rlike 'x'",
            "regexp_replace(a, 'x', 'y')",
            "to_date(a, 'dd')",
            "to_date(a)",
            "year(to_date(a, 'dd'))",
            "date_format(a, 'y')",
            "cast(a as float)",
        ),
        *("cast(a as array<int>)", "cast(a as decimal(99, 2))", "cast(a as date format 'yyyy')", "interval 1 day"),
        *(
            "a like b",
            "a like '%x' escape '!'",
            r"a = '\\'",
            r"a like 'x\\'",
            "a = 'it''s'",
            "r'x'",
            "x'FF'",
            "a = '\x01'",
        ),
        *(":a", "?", "@a", "{{a}}", "${a}", "a[0]", "a -> 1", "a.b", "z", "z.a", "t.x.y", "t.*", "A", "`a.b`"),
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    """What is not on the list may differ between engines, or reach further than the row."""
    with pytest.raises(ExpressionError):
        portable_expression(text, COLUMNS)


@pytest.mark.parametrize("pattern", ["%x%y", "x%y%", "%x%y%", "%%x", "x%%", "x%%y", "%%%"])
def test_a_like_whose_wildcards_can_share_a_text_in_many_ways_is_refused(pattern: str) -> None:
    """On Spark it would be a regular expression that tries them all, over a cell of any length."""
    with pytest.raises(ExpressionError, match="once at each end"):
        portable_expression(f"a like '{pattern}'", COLUMNS)


@pytest.mark.parametrize("text", ["a -- drop table t", "a /* ; drop table t */", "a -- \n"])
def test_comments_are_left_out(text: str) -> None:
    """Nothing of a text is passed through unread."""
    assert portable_expression(text, COLUMNS) == "(`a`)"


@pytest.mark.parametrize("text", ["(" * 5000 + "a" + ")" * 5000, "not " * 5000 + "a", "'" + "x" * 10000])
def test_a_text_without_end_is_refused_with_a_short_sentence(text: str) -> None:
    """Neither the stack nor the reader runs over."""
    with pytest.raises(ExpressionError) as caught:
        portable_expression(text, COLUMNS)

    assert len(str(caught.value)) < 200


def test_a_refusal_says_what_would_be_allowed() -> None:
    """Whoever writes a contract learns it from the message."""
    with pytest.raises(ExpressionError, match=r"rand.*allowed are.*coalesce"):
        portable_expression("rand() > a", COLUMNS)

    with pytest.raises(ExpressionError, match=r"uses c; known are a, b, t\.a, t\.x"):
        portable_expression("c > 1", COLUMNS)
