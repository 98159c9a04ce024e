"""What run-now and runs/submit ask for, read once."""

from collections.abc import Mapping
from dataclasses import dataclass

from local.workspace.asked_settings import asked_settings
from local.workspace.documents import Document, Parameters
from local.workspace.settings import JobSettings
from local.workspace.shapes import check_shape, fields_of

_TOKEN_LIMIT = 64
_RUN_NOW = ("job_id", "idempotency_token", "job_parameters", "only", "queue", "performance_target")
# What a run without a job cannot be told: it runs as who submits it, and is alone.
_SUBMIT = {
    "run_name": "name",
    "tasks": "tasks",
    "environments": "environments",
    "email_notifications": "email_notifications",
    "webhook_notifications": "webhook_notifications",
    "health": "health",
    "queue": "queue",
    "timeout_seconds": "timeout_seconds",
}


@dataclass(frozen=True, slots=True)
class RunNow:
    """A run of a job: `only` are the tasks that it is to run, empty for all; `queued` None is as the job has it.

    The performance target is taken, and changes nothing here.
    """

    job_id: int
    token: str
    given: Parameters
    only: tuple[str, ...]
    queued: bool | None

    @classmethod
    def parse(cls, document: Document) -> "RunNow":
        """Read the body of run-now; raises InvalidParameterValue naming every problem."""
        document.refuse_others_than(*_RUN_NOW, of=fields_of("run_now"))
        check_shape(document, "run_now")
        document.finish()
        asked = cls(
            job_id=document.whole("job_id"),
            token=_token(document),
            given=document.pairs("job_parameters"),
            only=document.texts("only"),
            queued=document.child("queue").flag("enabled") if "queue" in document else None,
        )
        document.finish()
        return asked


@dataclass(frozen=True, slots=True)
class Submit:
    """A run without a job."""

    token: str
    settings: JobSettings

    @classmethod
    def parse(cls, document: Document) -> "Submit":
        """Read the body of runs/submit; raises InvalidParameterValue naming every problem."""
        document.refuse_others_than("idempotency_token", *_SUBMIT, of=fields_of("submit"))
        check_shape(document, "submit")
        if not document.children("tasks"):
            document.refuse("tasks must not be empty")
        token = _token(document)
        document.finish()
        content: Mapping[str, object] = {
            as_a_job: document.content[name] for name, as_a_job in _SUBMIT.items() if name in document
        }
        return cls(token, asked_settings(content))


def _token(document: Document) -> str:
    token = document.text("idempotency_token", "")
    if len(token) > _TOKEN_LIMIT:
        document.refuse(f"idempotency_token must have at most {_TOKEN_LIMIT} characters")
    return token
