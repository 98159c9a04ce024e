"""The ground of the histories that pytest plays, one for each engine.

Of a module, for while it is there the product's loggers are its own.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .ground import Ground
from .template import make_template

if TYPE_CHECKING:
    from tests.integration.job.engine_servers import Server


@pytest.fixture(scope="module")
def ground(server: "Server", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with Ground(server.kind, server.url, tmp_path_factory.mktemp(f"proof_{server.kind}")).opened() as opened:
        yield opened


@pytest.fixture(scope="module")
def template(ground: Ground) -> Path | None:
    """Tables that are there already."""
    return make_template(ground)
