"""Whom the board answers, and that it changes nothing by itself."""

import pytest
import requests

from ingest.board.serving import serving
from tests.integration.ingest.board.board_desk import PAGES, PATIENCE, Scene

pytest_plugins = ["tests.integration.ingest.board.board_fixtures"]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_is_closed(scene: Scene, path: str) -> None:
    """Files of the board alone, in nobody's frame, kept by no browser; nothing of another site is answered."""
    answer = scene.get(path)
    foreign = scene.get(path, headers={"Host": "page.example"})
    embedded = scene.get(path, headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"})

    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert (foreign.status_code, embedded.status_code) == (403, 403)
    assert "customers" not in foreign.text + embedded.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed(scene: Scene, method: str) -> None:
    """There is no such route."""
    answers = [requests.request(method, f"{scene.url}{path}", timeout=PATIENCE) for path in PAGES]

    assert {answer.status_code for answer in answers} <= {404, 405}


def test_elsewhere_the_address_has_a_token(scene: Scene) -> None:
    """It becomes a cookie that no script can read, and stands in no address any more."""
    with serving(scene.target, "0.0.0.0", 0, patience=PATIENCE) as where:
        base = f"http://127.0.0.1:{where.port}"
        without = requests.get(base, timeout=PATIENCE)
        session = requests.Session()
        opened = session.get(where.address.replace("0.0.0.0", "127.0.0.1"), timeout=PATIENCE)
        again = session.get(f"{base}/feed/customers", timeout=PATIENCE)

    assert (without.status_code, opened.status_code, again.status_code) == (403, 200, 200)
    assert "customers" not in without.text
    assert opened.url == f"{base}/"
    assert "HttpOnly" in opened.history[0].headers["Set-Cookie"]
