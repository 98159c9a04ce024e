"""The embedded engine in this process, for as long as it is needed."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def embedded_engine() -> Iterator[str]:
    """Its address, `sc://host:port`, for this process alone."""
    # Imported here: only what asks for an engine pays for it, and the extra `sail` brings it.
    from pysail.spark import SparkConnectServer  # type: ignore[import-untyped]  # noqa: PLC0415  # it ships no types; see above

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    try:
        _, port = server.listening_address
        yield f"sc://127.0.0.1:{port}"
    finally:
        server.stop()
