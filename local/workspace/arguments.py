"""What a task gets as its command line: its own parameters and those of the job, references replaced."""

from local.workspace.documents import Parameters
from local.workspace.references import resolve
from local.workspace.runs import Attempt, Run


def command_line(run: Run, attempt: Attempt) -> tuple[str, ...]:
    """Give the arguments of an attempt, as `--name=value` each; a job parameter wins over one of the task.

    Job parameters are pushed to every wheel task but those that take a list of positional parameters.
    """
    task = run.settings.task(attempt.task_key)
    values = _values(run, attempt)
    if task.positional_parameters:
        return tuple(resolve(text, values) for text in task.positional_parameters)
    named = dict(task.named_parameters) | dict(run.parameters)
    return tuple(f"--{name}={resolve(text, values)}" for name, text in named.items())


def job_parameters(run: Run) -> Parameters:
    """Give the run's job parameters with their references to the job replaced, as runs/get shows them."""
    values = _of_job(run)
    return tuple((name, resolve(text, values)) for name, text in run.parameters)


def _of_job(run: Run) -> dict[str, str]:
    return {
        "job.id": str(run.job_id),
        "job.name": run.settings.name,
        "job.run_id": str(run.run_id),
        "job.repair_count": str(len(run.repairs)),
    }


def _values(run: Run, attempt: Attempt) -> dict[str, str]:
    values = _of_job(run) | {
        "task.name": attempt.task_key,
        "task.run_id": str(attempt.run_id),
        "task.execution_count": str(attempt.attempt_number + 1),
    }
    for other in run.current:
        values[f"tasks.{other.task_key}.run_id"] = str(other.run_id)
        values[f"tasks.{other.task_key}.execution_count"] = str(other.attempt_number + 1)
        # In lower case, unlike everywhere else in the API:
        # https://docs.databricks.com/en/jobs/dynamic-value-references.html
        values[f"tasks.{other.task_key}.result_state"] = other.result.lower() if other.result else ""
    return values | {f"job.parameters.{name}": value for name, value in job_parameters(run)}
