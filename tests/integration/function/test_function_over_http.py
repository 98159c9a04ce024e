"""The function as it is deployed, over HTTP, before real servers."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from function_desk import Desk, Function

pytest_plugins = ["tests.integration.function.function_desk"]


def test_a_good_file_is_admitted_with_five_calls(desk: "Desk", function: "Function") -> None:
    """Ranged read, rewrite, list runs, run-now, delete: nothing more, and the file is on its way."""
    event = desk.drop("daily/customers_1.csv", desk.rows())

    status, line = function.send(event)

    asked = list(desk.asked)
    assert (status, line["outcome"], line["feed"]) == (200, "admitted", "customers")
    assert [call for call in asked if "well-known" not in call] == [
        "download",
        "rewrite",
        "runs/list",
        "run-now",
        "delete",
    ]
    assert line["run_id"] in [run.run_id for run in desk.runs()]
    assert desk.place(event) in desk.in_lake("archive")
    assert desk.landing() == []
