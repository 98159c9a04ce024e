"""The secrets that this process has in hand: whatever text repeats one, the log does not."""

import json
from collections import deque

_IN_HAND = 50
"""Tokens come anew every hour or so; those of the last days are enough."""
_LEAST = 12
"""Characters by which a secret, or a part of one, can be told: what is shorter stands in many a text."""
_MARK = "[secret]"

_parts: deque[str] = deque(maxlen=_IN_HAND)


def conceal(secret: str) -> None:
    """From now on; of a token with dots each part, too."""
    for part in (secret, *secret.split(".")):
        if len(part) >= _LEAST and part not in _parts:
            _parts.append(part)


def without_secrets(line: str) -> str:
    """A line of JSON, with a mark where it repeated a secret."""
    for part in tuple(_parts):
        for written in (part, json.dumps(part)[1:-1]):
            line = line.replace(written, _MARK)
    return line
