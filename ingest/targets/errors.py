"""What stands between an operator and the tables, buckets and jobs: one sentence each, and what to do."""


class TargetError(Exception):
    """The command cannot reach what it works on, or was told wrongly where that is; a person can put it right."""


class StatementFailed(TargetError):
    """The warehouse refused or failed a statement; its own sentence says why. `code` is its error class, if any."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"the warehouse could not answer: {sentence}")
        self.code = code
