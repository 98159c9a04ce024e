"""The tasks' log: one JSON object a line, in ASCII, with the fields that the call gives as `extra`.

Only our own words: what libraries log may quote a cell, and is withheld.
"""

import json
import logging
import sys
from datetime import UTC, datetime

from pipeline_jobs.withheld import KeepingHandler, Withheld

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


def configure(withheld: Withheld) -> None:
    """The job's own lines from INFO up; everybody else's, from WARNING up, go where what is withheld goes."""
    logging.basicConfig(level=logging.WARNING, handlers=[KeepingHandler(withheld)], force=True)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    ours = logging.getLogger("pipeline_jobs")
    ours.setLevel(logging.INFO)
    ours.handlers = [handler]
    ours.propagate = False
