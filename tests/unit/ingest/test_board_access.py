"""Which requests the board answers: a person's, from its own pages, and none that another site's page has sent."""

import pytest

from ingest.board.access import HEADERS, Access

HERE = {"Host": "127.0.0.1:8085"}
OTHER = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", HERE),
        ("GET", {"Host": "LOCALHOST:8085"}),
        ("GET", {**HERE, "Sec-Fetch-Site": "none"}),
        ("GET", {**HERE, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}),
        ("GET", {**HERE, **LINK}),
        ("POST", {**HERE, "Origin": "http://127.0.0.1:8085", "Sec-Fetch-Site": "same-origin"}),
    ],
)
def test_a_person_and_the_boards_own_pages_are_answered(method: str, headers: dict[str, str]) -> None:
    """Also by a link that somebody was sent."""
    assert Access(8085).why_refused(method, headers, "") == ""


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {}),
        ("GET", {"Host": "page.example:8085"}),
        ("GET", {"Host": "127.0.0.1:8086"}),
        ("GET", {"Host": "127.0.0.1.page.example:8085"}),
        ("GET", {**HERE, **OTHER}),
        ("GET", {**HERE, **LINK, "Sec-Fetch-Dest": "iframe"}),
        ("GET", {**HERE, "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}),
        ("POST", {**HERE, **LINK}),
        ("POST", {**HERE, "Origin": "https://page.example"}),
        ("POST", {**HERE, "Origin": "null"}),
    ],
)
def test_what_another_sites_page_sends_is_refused(method: str, headers: dict[str, str]) -> None:
    """By name (DNS rebinding), as a picture, a frame, a script's request, or a form."""
    assert Access(8085).why_refused(method, headers, "") != ""


@pytest.mark.parametrize(("given", "is_answered"), [("secret", True), ("", False), ("Secret", False), ("é", False)])
def test_elsewhere_only_the_token_of_the_address_opens_the_board(given: str, *, is_answered: bool) -> None:
    """Whatever the name of the machine is there."""
    access = Access(8085, "secret")

    assert (access.why_refused("GET", {"Host": "build.example:8085"}, given) == "") is is_answered
    assert "secret" not in repr(access)


def test_the_policy_allows_files_of_the_board_alone() -> None:
    """No script or style in a page, nothing from elsewhere, in nobody's frame."""
    directives = dict(one.strip().split(" ", 1) for one in HEADERS["Content-Security-Policy"].split(";"))

    assert directives["default-src"] == "'none'"
    assert {sources for name, sources in directives.items() if name.endswith("-src")} == {"'none'", "'self'"}
    assert directives["frame-ancestors"] == directives["base-uri"] == "'none'"
