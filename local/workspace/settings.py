"""What a job is: the settings that jobs/create and jobs/reset take, checked once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from local.workspace.documents import Document, Parameters
from local.workspace.kept_settings import check_compute, run_as
from local.workspace.permissions import Grant, Grants, Level, Principal
from local.workspace.references import reference_problems


class RunIf(StrEnum):
    """When a task runs, once all tasks that it depends on have ended."""

    ALL_SUCCESS = "ALL_SUCCESS"
    ALL_DONE = "ALL_DONE"
    AT_LEAST_ONE_SUCCESS = "AT_LEAST_ONE_SUCCESS"
    NONE_FAILED = "NONE_FAILED"
    AT_LEAST_ONE_FAILED = "AT_LEAST_ONE_FAILED"
    ALL_FAILED = "ALL_FAILED"


@dataclass(frozen=True)
class TaskSettings:
    """One task: an entry point of a wheel, and when it runs.

    `timeout_seconds` 0 is no timeout, `max_retries` -1 is retrying without end.
    """

    key: str
    package_name: str
    entry_point: str
    named_parameters: Parameters
    positional_parameters: tuple[str, ...]
    depends_on: tuple[str, ...]
    run_if: RunIf
    max_retries: int
    min_retry_interval_millis: int
    retry_on_timeout: bool
    timeout_seconds: int


@dataclass(frozen=True)
class JobSettings:
    """The settings of a job; `document` is the JSON object as the client sent it, for jobs/get.

    What is in the document alone is kept and given back, without effect here: schedules, triggers, health rules,
    environments, clusters, edit mode. `run_as` is the principal that the job names, empty for whoever created it.
    """

    name: str
    tasks: tuple[TaskSettings, ...]
    parameters: Parameters
    max_concurrent_runs: int
    queue_enabled: bool
    timeout_seconds: int
    failure_addresses: tuple[str, ...]
    failure_webhooks: tuple[str, ...]
    run_as: str
    document: Mapping[str, object]

    @classmethod
    def parse(cls, content: Mapping[str, object]) -> "JobSettings":
        """Read the settings of a job, which may have been kept by an older version; raises InvalidParameterValue.

        What a request must keep to besides is `asked_settings`'.
        """
        document = Document(content)
        settings = cls.read(document)
        document.finish()
        return settings

    @classmethod
    def read(cls, document: Document) -> "JobSettings":
        """As parse, but the problems are left in the document."""
        parameters = tuple((item.text("name"), item.text("default", "")) for item in document.children("parameters"))
        tasks = tuple(_task(item) for item in document.children("tasks"))
        _check_graph(document, tasks)
        _check_references(document, tasks, parameters)
        check_compute(document)
        return cls(
            name=document.text("name", "Untitled"),
            tasks=tasks,
            parameters=parameters,
            max_concurrent_runs=document.whole("max_concurrent_runs", 1),
            queue_enabled=document.child("queue").flag("enabled"),
            timeout_seconds=document.whole("timeout_seconds", 0),
            failure_addresses=document.child("email_notifications").texts("on_failure"),
            failure_webhooks=tuple(
                hook.text("id") for hook in document.child("webhook_notifications").children("on_failure")
            ),
            run_as=run_as(document),
            document=document.content,
        )

    def task(self, key: str) -> TaskSettings:
        """Give the task of that key."""
        return next(task for task in self.tasks if task.key == key)

    def downstream_of(self, keys: Collection[str]) -> set[str]:
        """Give the keys of all tasks that wait, directly or not, for one of those tasks."""
        return {task.key for task in self.tasks if upstream_of(task.key, self.tasks).intersection(keys)}


@dataclass(frozen=True)
class Job:
    """A job: its id, its settings, when (milliseconds since 1970) and by whom it was created.

    `given` are the permissions that somebody set, empty until then.
    """

    job_id: int
    created_time: int
    settings: JobSettings
    creator: Principal
    given: Grants = ()

    @property
    def grants(self) -> Grants:
        """Who has which right: until somebody says otherwise, its creator owns it."""
        return self.given or (Grant(self.creator, Level.IS_OWNER),)


def _task(document: Document) -> TaskSettings:
    key = document.text("task_key")
    if "python_wheel_task" not in document:
        document.refuse("this workspace runs python_wheel_task only")
    wheel = document.child("python_wheel_task")
    if "named_parameters" in wheel and "parameters" in wheel:
        wheel.refuse("parameters and named_parameters exclude each other")
    run_if = document.text("run_if", RunIf.ALL_SUCCESS)
    if run_if not in RunIf.__members__:
        document.refuse(f"run_if must be one of {', '.join(RunIf)}")
        run_if = RunIf.ALL_SUCCESS
    return TaskSettings(
        key=key,
        package_name=wheel.text("package_name"),
        entry_point=wheel.text("entry_point"),
        named_parameters=wheel.pairs("named_parameters"),
        positional_parameters=wheel.texts("parameters"),
        depends_on=tuple(item.text("task_key") for item in document.children("depends_on")),
        run_if=RunIf(run_if),
        max_retries=document.whole("max_retries", 0),
        min_retry_interval_millis=document.whole("min_retry_interval_millis", 0),
        retry_on_timeout=document.flag("retry_on_timeout"),
        timeout_seconds=document.whole("timeout_seconds", 0),
    )


def _check_graph(document: Document, tasks: tuple[TaskSettings, ...]) -> None:
    keys = [task.key for task in tasks]
    if len(set(keys)) < len(keys):
        document.refuse("tasks must have task_keys that differ")
    for task in tasks:
        for key in task.depends_on:
            if key not in keys:
                document.refuse(f"task {task.key} depends on {key}, which is no task of this job")
        if task.key in upstream_of(task.key, tasks):
            document.refuse(f"task {task.key} depends on itself")


def _check_references(document: Document, tasks: tuple[TaskSettings, ...], parameters: Parameters) -> None:
    names = frozenset(name for name, _ in parameters)
    for name, default in parameters:
        for problem in reference_problems(default, names, frozenset()):
            document.refuse(f"parameter {name} {problem}")
    for task in tasks:
        values = [value for _, value in task.named_parameters] + list(task.positional_parameters)
        for problem in reference_problems(" ".join(values), names, upstream_of(task.key, tasks)):
            document.refuse(f"task {task.key} {problem}")


def upstream_of(key: str, tasks: tuple[TaskSettings, ...]) -> frozenset[str]:
    """Give the keys of all tasks that must end before the task of that key begins."""
    direct = {task.key: task.depends_on for task in tasks}
    found: set[str] = set()
    waiting = list(direct.get(key, ()))
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend(direct.get(current, ()))
    return frozenset(found)
