"""Which forms are this server's own: a page of another site can send one, and cannot know its word."""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from uuid import uuid4


@dataclass(frozen=True, slots=True)
class Form:
    """For one change of one file or feed; `once` makes of however many times it is sent one run."""

    act: str
    of: str
    once: str
    word: str = field(repr=False)


class Forms:
    """Of one server, until it ends: its secret is its own."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def new(self, act: str, of: str) -> Form:
        """For a page that is shown now."""
        once = uuid4().hex
        return Form(act, of, once, self._word(act, of, once))

    def is_own(self, form: Form) -> bool:
        """Whether this server made it, as it is: for this change, of this file or feed."""
        return hmac.compare_digest(self._word(form.act, form.of, form.once).encode(), form.word.encode())

    def _word(self, act: str, of: str, once: str) -> str:
        said = json.dumps([act, of, once]).encode()
        return hmac.new(self._secret, said, hashlib.sha256).hexdigest()
