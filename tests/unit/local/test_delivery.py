"""Events reach the function at least once, and again after a failure."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from local.delivery import EventDelivery, Retries
from local.events import Event

QUICK = Retries(shortest=0.01, longest=0.04, give_up_after=60.0, answer_within=5.0)


def _event(name: str = "daily/orders.csv") -> Event:
    resource = {"bucket": "landing", "name": name, "generation": "7", "timeCreated": "2026-03-02T10:00:00.000000Z"}
    return Event.finalized(resource)


class Function:
    """A function on a real port: keeps each request and answers what `answer` says to the n-th of them."""

    def __init__(self, answer: Callable[[int], int], *, listening: bool = True) -> None:
        self.received: list[tuple[Mapping[str, str], bytes]] = []
        self._lock = threading.Lock()
        function = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                with function._lock:
                    function.received.append((dict(self.headers), body))
                    number = len(function.received)
                self.send_response(answer(number))
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self._server.server_bind()
        if listening:
            self.listen()
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def listen(self) -> None:
        self._server.server_activate()

    def ids(self) -> list[str]:
        return [headers["ce-id"] for headers, _ in self.received]

    def names(self) -> list[str]:
        return [json.loads(body)["name"] for _, body in self.received]

    @contextmanager
    def running(self) -> Iterator["Function"]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


@pytest.fixture
def function() -> Iterator[Function]:
    with Function(lambda _: 204).running() as running:
        yield running


def test_an_event_arrives_in_binary_mode_with_the_resource_as_its_body(function: Function) -> None:
    """The function sees what Eventarc would send it, names with umlauts and line breaks included."""
    event = _event("daily/größe\n1%.csv")

    with EventDelivery(function.url) as delivery:
        delivery.publish(event)
        delivery.wait_until_idle(5)

    [(headers, body)] = function.received
    assert headers["ce-type"] == "google.cloud.storage.object.v1.finalized"
    assert headers["ce-source"] == "//storage.googleapis.com/projects/_/buckets/landing"
    assert headers["ce-subject"] == "objects/daily/gr%C3%B6%C3%9Fe%0A1%25.csv"
    assert json.loads(body)["name"] == "daily/größe\n1%.csv"


def test_a_failed_delivery_comes_again_with_the_same_id_until_it_is_acknowledged() -> None:
    """Nothing but a 2xx is an acknowledgement."""
    answers = {1: 500, 2: 429, 3: 302}
    event = _event()

    with Function(lambda n: answers.get(n, 200)).running() as function, EventDelivery(function.url, retries=QUICK) as d:
        d.publish(event)
        d.wait_until_idle(5)

    assert function.ids() == [event.id] * 4


def test_an_event_waits_for_a_function_that_is_not_there_yet() -> None:
    """A refused connection is a failure like any other."""
    refused = threading.Event()

    class Watched(Retries):
        def wait_after(self, failures: int) -> float:
            refused.set()
            return super().wait_after(failures)

    function = Function(lambda _: 200, listening=False)
    with EventDelivery(function.url, retries=Watched(0.01, 0.01)) as delivery:
        delivery.publish(_event())
        was_refused = refused.wait(5)
        function.listen()
        with function.running():
            delivery.wait_until_idle(5)

    assert was_refused
    assert len(function.received) == 1


def test_a_delivery_without_an_answer_in_time_comes_again() -> None:
    """A function that hangs does not hold its event for ever."""
    hanging = threading.Event()
    retries = Retries(shortest=0.01, longest=0.01, give_up_after=60.0, answer_within=0.1)

    def answer(number: int) -> int:
        if number == 1:
            hanging.wait(5)
        return 200

    with Function(answer).running() as function:
        with EventDelivery(function.url, retries=retries) as delivery:
            delivery.publish(_event())
            delivery.wait_until_idle(5)
        hanging.set()

    assert len(function.received) == 2


def test_an_event_is_given_up_after_a_set_time_and_the_log_says_so(caplog: pytest.LogCaptureFixture) -> None:
    """As Eventarc after a day; the sweep is the remedy."""
    retries = Retries(shortest=0.01, longest=0.01, give_up_after=0.03, answer_within=5.0)

    with Function(lambda _: 500).running() as function, EventDelivery(function.url, retries=retries) as delivery:
        delivery.publish(_event())
        delivery.wait_until_idle(5)

    assert 1 <= len(function.received) <= 4
    assert "gave up" in caplog.records[-1].message


def test_one_hanging_delivery_does_not_hold_up_the_others(function: Function) -> None:
    """Handlers run concurrently."""
    others_came = threading.Event()

    def answer(number: int) -> int:
        if number == 3:
            others_came.set()
        return 200 if others_came.wait(5) else 500

    with Function(answer).running() as hanging, EventDelivery(hanging.url, retries=QUICK, handlers=3) as delivery:
        for n in range(3):
            delivery.publish(_event(f"daily/orders_{n}.csv"))
        delivery.wait_until_idle(5)

    assert sorted(hanging.names()) == [f"daily/orders_{n}.csv" for n in range(3)]


def test_a_plan_duplicates_drops_and_reorders_events(function: Function) -> None:
    """The knobs of the tests and the demo; a duplicate may carry another event id."""
    delays = {"twice": (0.0, 0.0), "lost": (), "late": (0.2,), "plain": (0.0,)}

    def plan(event: Event) -> tuple[float, ...]:
        return delays[json.loads(event.body)["name"]]

    with EventDelivery(function.url, plan=plan, handlers=1) as delivery:
        for name in ("late", "twice", "lost", "plain"):
            delivery.publish(_event(name))
        delivery.wait_until_idle(5)

    assert sorted(function.names()[:3]) == ["plain", "twice", "twice"]
    assert function.names()[3:] == ["late"]
    assert len(set(function.ids())) == 4


def test_what_is_published_while_held_sets_out_together_afterwards(function: Function) -> None:
    """So a test can have two generations there before the first event arrives."""
    with EventDelivery(function.url, handlers=1) as delivery:
        with delivery.held():
            delivery.publish(_event("first"))
            delivery.publish(_event("second"))
            with pytest.raises(TimeoutError, match="2 events"):
                delivery.wait_until_idle(0.05)
            seen_while_held = len(function.received)
        delivery.wait_until_idle(5)

    assert seen_while_held == 0
    assert function.names() == ["first", "second"]


@pytest.mark.parametrize(("failures", "pause"), [(1, 10.0), (2, 20.0), (6, 320.0), (7, 600.0), (10_000, 600.0)])
def test_the_pause_doubles_from_ten_seconds_to_ten_minutes(failures: int, pause: float) -> None:
    """The defaults are Eventarc's."""
    assert Retries().wait_after(failures) == pause


def test_what_has_set_out_is_waited_for_while_the_rest_is_held() -> None:
    """So a function can be replaced without cutting off what it handles."""
    may_answer = threading.Event()
    function = Function(lambda _: 200 if may_answer.wait(10) else 500)
    with function.running(), EventDelivery(function.url, retries=QUICK) as delivery:
        delivery.publish(_event("first.csv"))
        while not function.received:
            pass
        with delivery.held():
            delivery.publish(_event("second.csv"))
            with pytest.raises(TimeoutError, match=r"1 events are not answered after 0\.01 s"):
                delivery.wait_until_answered(0.01)
            may_answer.set()
            delivery.wait_until_answered(5)
            seen = function.names()
        delivery.wait_until_idle(5)

    assert seen == ["first.csv"]
    assert function.names() == ["first.csv", "second.csv"]
