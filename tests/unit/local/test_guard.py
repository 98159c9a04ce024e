"""Which requests the servers on the loopback address take for a web page's."""

import pytest

from local.guard import why_refused

PAGE = "https://page.example"


@pytest.mark.parametrize(
    ("host", "origin", "site"),
    [
        ("127.0.0.1:8080", None, None),
        ("localhost:8080", None, None),
        ("LocalHost:8080", None, None),
        ("[::1]:8080", None, None),
        ("127.0.0.1:8080", None, "none"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080", "same-origin"),
        ("localhost:8080", "http://localhost:8080", None),
    ],
)
def test_a_program_and_a_person_are_answered(host: str, origin: str | None, site: str | None) -> None:
    """A program names the machine and nothing else; what somebody types into a browser comes from no site."""
    assert why_refused(8080, host, origin, site) == ""


@pytest.mark.parametrize(
    "host",
    [
        "",
        "page.example",
        "page.example:8080",
        "127.0.0.1",
        "127.0.0.1:8081",
        "127.0.0.1.page.example:8080",
        "localhost.:8080",
        "0.0.0.0:8080",
        "127.0.0.1:8080,page.example",
        "page.example@127.0.0.1:8080",
        " 127.0.0.1:8080",
    ],
)
def test_another_host_is_refused(host: str) -> None:
    """A site's own name that leads here is what a page needs to read answers."""
    assert why_refused(8080, host, None, None).startswith("The Host of a request must be one of 127.0.0.1:8080")


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        PAGE,
        "http://127.0.0.1",
        "http://127.0.0.1:8081",
        "https://127.0.0.1:8080",
        "http://localhost:8080",
        "http://127.0.0.1:8080.page.example",
        "http://127.0.0.1:8080, https://page.example",
    ],
)
def test_another_origin_is_refused(origin: str) -> None:
    """Of a page on another port or under another name of this machine, too."""
    assert "Origin of a web page" in why_refused(8080, "127.0.0.1:8080", origin, None)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "anything"])
def test_what_a_page_of_another_origin_fetches_is_refused(site: str) -> None:
    """An image has no Origin; a page of another port of this machine is of the same site."""
    assert "Sec-Fetch-Site" in why_refused(8080, "127.0.0.1:8080", None, site)


@pytest.mark.parametrize(("port", "is_answered"), [(80, True), (8080, False)])
def test_the_port_of_http_itself_is_left_out_by_clients(port: int, is_answered: bool) -> None:
    """And no other."""
    assert (why_refused(port, "localhost", None, None) == "") == is_answered
