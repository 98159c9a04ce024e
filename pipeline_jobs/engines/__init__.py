"""One narrow adapter per engine; nothing else knows an engine or Delta."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline_jobs.engines.engine import Engine
from pipeline_jobs.errors import WrongParametersError

ENGINES = ("sail",)


@contextmanager
def connected(engine: str, url: str, catalog: str, schema: str) -> Iterator[Engine]:
    """A session on the engine, ended with the block; raises WrongParametersError for an engine not known."""
    if engine not in ENGINES:
        raise WrongParametersError(f"engine {engine!r} is none of {', '.join(ENGINES)}")
    # Imported here: an engine's packages are there only where it runs.
    from pipeline_jobs.engines.sail import SailEngine  # noqa: PLC0415  # see above

    session = SailEngine(url, Path(catalog) / schema)
    try:
        yield session
    finally:
        session.close()
