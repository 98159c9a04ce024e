"""What BigQuery would refuse, by its status and its own word for it."""


class Refused(Exception):
    """The request is answered with `status`, or the job fails, with `reason`."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


def not_found(what: str) -> Refused:
    return Refused(404, "notFound", f"Not found: {what}")


def invalid(message: str) -> Refused:
    return Refused(400, "invalid", message)
