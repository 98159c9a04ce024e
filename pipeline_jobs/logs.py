"""The tasks' log: one JSON object a line, in ASCII, with the fields that the call gives as `extra`."""

import json
import logging
import sys
from datetime import UTC, datetime

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "severity": record.levelname,
            "message": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in _STANDARD},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        # Escaped in full: some take U+0085 or U+2028 in a name for a line's end, and a lone surrogate has no bytes.
        return json.dumps(line, default=str, ensure_ascii=True)


def configure() -> None:
    """The job's own lines from INFO up, of everything else from WARNING."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("pipeline_jobs").setLevel(logging.INFO)
