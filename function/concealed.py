"""The secrets that this process has in hand: whatever text repeats one, the log does not."""

import json

_IN_HAND = 50
"""Parts of secrets, the latest ones. A sign-in brings ten at most, and names anew the secret that lasts."""
_LEAST = 12
"""Characters by which a secret, or a part of one, can be told: what is shorter stands in many a text."""
_MARK = "[secret]"

_parts: dict[str, None] = {}
"""As JSON writes them, the latest last."""


def conceal(secret: str) -> None:
    """From now on; of a token with dots each part, too."""
    for part in (secret, *secret.split(".")):
        if len(part) >= _LEAST:
            written = json.dumps(part)[1:-1]
            _parts.pop(written, None)
            _parts[written] = None
    while len(_parts) > _IN_HAND:
        del _parts[next(iter(_parts))]


def without_secrets(line: str) -> str:
    """A line of JSON, with a mark where it repeated a secret."""
    for part in tuple(_parts):
        line = line.replace(part, _MARK)
    return line
