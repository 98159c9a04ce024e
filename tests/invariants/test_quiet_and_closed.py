"""No secret and no cell value in a log line; names, headers and cells are data, never code."""

from typing import TYPE_CHECKING

from tests.invariants.trouble import Blow

if TYPE_CHECKING:
    from tests.invariants.shop import Shop

pytest_plugins = ["tests.invariants.shop"]

MONDAY = "2026-03-02T08:00:00Z"
SECRET = "confidential-4711"
HOSTILE_CELLS = (
    "'); DROP TABLE stock; --",
    "{{job.run_id}} ${feed} {0} %s %(name)s",
    "$(touch owned) `id` && rm -rf .",
    "=HYPERLINK(1)",
    "../../etc/passwd",
    "\x1b[31mred\u202egnitirw",
)
HOSTILE_NAMES = (
    "stock/'; DROP TABLE stock; --.csv",
    "stock/{{job.run_id}} ${feed} {0} %s %n.csv",
    "stock/$(touch owned)`id`.csv",
    "stock/../../../../escaped.csv",
    "stock//@20260302T080000.000000Z-1/ü\t\x1b[31m\u202e.csv",
)


def test_hostile_cells_and_names_are_data(shop: "Shop") -> None:
    """They arrive as they are, and nothing else happens."""
    header = "sku,quantity,counted_at,given_up,note\n"
    cells = "".join(f'hostile-{at},1,{MONDAY},,"{cell}"\n' for at, cell in enumerate(HOSTILE_CELLS))
    with shop.one_run():
        shop.drop("stock/cells.csv", header + cells)
        named = [shop.drop(name, shop.counts(f"named-{at},1,{MONDAY},")) for at, name in enumerate(HOSTILE_NAMES)]

    notes = shop.rows("SELECT note FROM stock WHERE sku LIKE 'hostile-%' ORDER BY sku")
    assert [row["note"] for row in notes] == list(HOSTILE_CELLS)
    assert [shop.journey(dropped).outcome for dropped in named] == ["merged"] * len(named)
    files = shop.rows("SELECT _file FROM stock WHERE sku LIKE 'named-%' ORDER BY sku")
    assert [row["_file"] for row in files] == [dropped.identity for dropped in named]
    assert [shop.in_lake(dropped.file.path("archive")) for dropped in named] == [one.content for one in named]


def test_no_cell_and_no_secret_is_ever_logged(shop: "Shop") -> None:
    """Of good rows, of bad ones, of columns that the contract does not know, of files that are rejected, of a task that
    fails, of requests that are no events, of a workspace that repeats the token as it refuses, of the environment.

    The token has a file of its own.
    """
    token = shop.stack.running.token
    bad = (f"{SECRET},{SECRET},{MONDAY},", f"{SECRET},1,{SECRET},", f"{SECRET},1,{MONDAY},,{SECRET}")
    refusal = Blow(status=403, message=f"the token {token} of Bearer {token} is not allowed")
    with shop.trouble.struck("run-now", refusal) as refused:
        waits = shop.drop("stock/refused.csv", shop.counts(f"{SECRET}-1,1,{MONDAY},"))
        shop.wait_for_line(waits, "failed")
    with shop.broken("stock"), shop.one_run():
        shop.drop("stock/partly.csv", shop.counts(f"{SECRET},1,{MONDAY},", *bad))
        shop.drop("stock/open.csv", shop.counts(f'{SECRET},1,{MONDAY},"{SECRET}'))
        shop.drop("stock/all_bad.csv", shop.counts(*bad))
        shop.drop("stock/latin.csv", shop.counts(f"{SECRET}-\xfc,1,{MONDAY},").encode("latin-1"))
        shop.drop("stock/more.csv", f"sku,quantity,counted_at,given_up,{SECRET}\n{SECRET}-2,1,{MONDAY},,{SECRET}\n")
        for headers in ({"Authorization": f"Bearer {SECRET}", "Cookie": SECRET}, {"ce-id": SECRET, "ce-type": SECRET}):
            shop.knock(headers | {"Content-Type": "application/json"}, f'{{"name": "{SECRET}'.encode())

    told = shop.everything_told()

    assert refused
    assert shop.results(shop.newest_run("stock")) == shop.TARGET_FAILED
    assert SECRET in str(shop.rows("SELECT _raw FROM stock_rejects"))
    assert {source for source, text in told.items() if SECRET in text or shop.SECRET in text} == set()
    of_the_token = {source for source, text in told.items() if token in text}
    assert of_the_token == {str(shop.settings.workspace / "token")}
