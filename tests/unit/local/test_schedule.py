"""The sweep is called at every tick."""

import base64
import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from local.schedule import SweepSchedule


def test_the_sweep_is_called_again_and_again_even_after_a_failure() -> None:
    """A failed sweep must not be the last one."""
    bodies: list[bytes] = []
    third = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["content-length"])))
            if len(bodies) == 3:
                third.set()
            self.send_response(500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        at = datetime(2026, 3, 2, tzinfo=UTC)
        with SweepSchedule(f"http://127.0.0.1:{server.server_port}/", every=0.01, now=lambda: at):
            called_three_times = third.wait(5)
        server.shutdown()
        thread.join()

    message = json.loads(bodies[0])["message"]
    assert called_three_times
    assert base64.b64decode(message["data"]) == b"sweep"
    assert message["publishTime"] == "2026-03-02T00:00:00Z"


def test_no_tick_is_under_way_while_the_schedule_is_held() -> None:
    """So the sweep can be replaced without cutting it off."""
    answering = threading.Lock()
    ticked = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            with answering:
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(200)
                self.end_headers()
            ticked.set()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        with SweepSchedule(f"http://127.0.0.1:{server.server_port}/", every=0.001) as schedule:
            assert ticked.wait(5)
            with schedule.held():
                ticked.clear()
                is_quiet = answering.acquire(blocking=False) and not ticked.wait(0.1)
                answering.release()
            goes_on = ticked.wait(5)
        server.shutdown()
        thread.join()

    assert is_quiet
    assert goes_on
