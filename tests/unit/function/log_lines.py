"""What the function logs, as it is logged in Google Cloud."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from function.logs import JsonLines


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[dict[str, Any]]]:
    """The JSON lines logged so far."""
    caplog.set_level(logging.INFO, logger="function")
    return lambda: [json.loads(JsonLines().format(record)) for record in caplog.records]
