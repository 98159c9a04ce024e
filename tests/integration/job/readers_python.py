"""Python with the readers of others, in an environment of its own."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def readers_python() -> Path:
    """From an environment of its own, which `make readers` makes; where REQUIRE_READERS is set, it must be there."""
    python = ROOT / ".venv-readers" / "bin" / "python"
    if python.exists():
        return python
    if os.environ.get("REQUIRE_READERS"):
        pytest.fail("polars and DuckDB are not installed, and REQUIRE_READERS is set: run `make readers`")
    pytest.skip("polars and DuckDB are not installed: run `make readers`")
