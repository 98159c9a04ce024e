"""What people are told: each problem in a sentence, with the commands that help."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from contracts.files.reasons import Reason
from contracts.files.remedies import remedies, status, trace
from contracts.printable import printable
from pipeline_jobs.state.history import ENGINE_LOST, NOT_REPLAYED, VANISHED, Entry, State
from pipeline_jobs.state.ledger import TABLE

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """`sentence` says what, which file and why; `commands` are for a shell and hold nothing that cannot be seen."""

    sentence: str
    commands: tuple[str, ...]


def text(feed: str, problems: Sequence[Problem]) -> str:
    """What stands in the mail's link: the first problems, and how many there are."""
    lines = [f"{feed}: not everything was merged as it came"]
    for problem in problems[:_SHOWN]:
        lines.append(f"- {printable(problem.sentence)}")
        lines += [f"    {command}" for command in problem.commands]
    if len(problems) > _SHOWN:
        lines.append(f"- and {len(problems) - _SHOWN} more, in the table {TABLE}")
        lines.append(f"    {status(feed)}")
    return "\n".join(lines)


def of_tasks(feed: str, results: Mapping[str, str]) -> Iterator[Problem]:
    """Tasks that did not succeed; `results` are their result states as the Jobs API names them, in any case."""
    for task, result in results.items():
        if result.lower().startswith("upstream_"):
            yield Problem(f"the task {task} was not run, because of the one before it", ())
        elif result.lower() != "success":
            sentence = (
                f"the task {task} ended with {result or 'no result'}: see its error, mend the cause and repair or "
                "rerun the job"
            )
            yield Problem(sentence, (status(feed),))


def of_files(entries: Sequence[Entry], run_id: str) -> Iterator[Problem]:
    """Rejected files, and those whose last attempt failed; of other runs, one without an end may still be going on."""
    last = {entry.file or "": entry for entry in entries}
    rejected = {entry.file or "": entry for entry in entries if entry.state is State.REJECTED}
    for file, entry in rejected.items():
        commands = tuple(remedies(Reason(entry.reason or Reason.UNREADABLE), file))
        yield Problem(f"{file} was rejected: {entry.reason}: {entry.detail}", commands)
    for file, entry in last.items():
        sentence = _of_attempt(entry, run_id)
        if sentence:
            yield Problem(f"{file} {sentence}", (trace(file),))


def _of_attempt(entry: Entry, run_id: str) -> str:
    """How the sentence about a file's last attempt goes on; empty where there is nothing to tell."""
    if entry.state is State.FAILED and entry.reason == VANISHED:
        return f"has vanished: {entry.detail}"
    if entry.state is State.FAILED and entry.reason == NOT_REPLAYED:
        return f"was not replayed: {entry.detail}"
    if entry.state is State.FAILED:
        return f"could not be read and is tried again: {entry.detail}"
    if entry.state is State.RELEASED and entry.reason == ENGINE_LOST:
        return "was being read when the engine went away; it is tried again, alone"
    if entry.state is State.ATTEMPTED and entry.run_id == run_id:
        return "was being tried when the task's process ended; it is tried again, alone"
    return ""
