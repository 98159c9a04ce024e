"""What the Jobs API refuses, as the error bodies that databricks-sdk turns into its exception classes."""


class ApiError(Exception):
    """A request was refused; `status` is the HTTP status, `code` the error_code of the body."""

    status = 400
    code = "BAD_REQUEST"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidParameterValue(ApiError):
    """A field of the request is missing, of the wrong type or out of bounds."""

    code = "INVALID_PARAMETER_VALUE"


class MalformedRequest(ApiError):
    """The body is not a JSON object."""

    code = "MALFORMED_REQUEST"


class InvalidState(ApiError):
    """The run is not in a state that allows the request."""

    code = "INVALID_STATE"


class Unauthenticated(ApiError):
    """The request carries no token, or another one."""

    status = 401
    code = "UNAUTHENTICATED"


class PermissionDenied(ApiError):
    """Who asks has no right to it."""

    status = 403
    code = "PERMISSION_DENIED"


class NoSuchObject(ApiError):
    """The Permissions API knows no such job, or the Workspace API no such file."""

    status = 404
    code = "RESOURCE_DOES_NOT_EXIST"


class AlreadyExists(ApiError):
    """Something stands at the path already."""

    status = 409
    code = "RESOURCE_ALREADY_EXISTS"


class NotEmpty(ApiError):
    """The folder holds something."""

    code = "DIRECTORY_NOT_EMPTY"


class DeletedRun(ApiError):
    """The idempotency token belongs to a run that was deleted."""

    status = 404
    code = "RESOURCE_DOES_NOT_EXIST"


class NoSuchEndpoint(ApiError):
    """The path is none of those that this server speaks."""

    status = 404
    code = "ENDPOINT_NOT_FOUND"


class NoSuchJob(InvalidParameterValue):
    """There is no job of that id; 400 and this wording are what databricks-sdk maps to ResourceDoesNotExist."""

    def __init__(self, job_id: int) -> None:
        super().__init__(f"Job {job_id} does not exist.")


class NoSuchRun(InvalidParameterValue):
    """There is no run of that id; 400 and this wording are what databricks-sdk maps to ResourceDoesNotExist."""

    def __init__(self, run_id: int) -> None:
        super().__init__(f"Run {run_id} does not exist.")
