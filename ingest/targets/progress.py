"""What a person sees of a run that is under way."""

from collections.abc import Callable

from ingest.output import note
from ingest.targets.jobs import Run


def telling() -> Callable[[Run], None]:
    """One line for each task that begins or ends."""
    told: dict[str, str] = {}

    def tell(run: Run) -> None:
        for task in run.tasks:
            if told.get(task.key) != task.state and task.state not in ("BLOCKED", "PENDING", "QUEUED"):
                note(f"{task.key}: {task.state.lower()}")
            told[task.key] = task.state

    return tell
