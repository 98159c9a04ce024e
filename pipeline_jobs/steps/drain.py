"""What a run does with each file that waits in source/: a plan, made from the ledger before anything is done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline_jobs.state.attempts import MAX_ATTEMPTS
from pipeline_jobs.state.found_files import WaitingFile
from pipeline_jobs.state.history import History, State

MAX_FILES = 500
MAX_BYTES = 1024**3


@dataclass(frozen=True, slots=True)
class Plan:
    """`finish`: only the move is left. `give_up`: attempted too often. `chunks`: to load, in this order.

    What is in none of them waits for the next run.
    """

    finish: tuple[WaitingFile, ...]
    give_up: tuple[WaitingFile, ...]
    chunks: tuple[tuple[WaitingFile, ...], ...]


def plan(
    waiting: Sequence[WaitingFile],
    histories: Mapping[str, History],
    named: str,
    run_id: str,
    *,
    skips_resent: bool = False,
) -> Plan:
    """The named file first, then the oldest; a file that was attempted before alone, fewest attempts first.

    A task that is tried again in its run `run_id` leaves out what it has tried alone: if that kills it, a second death
    would end the run, and with it the merge of all that is staged. Of a feed that `skips_resent`, what may be one file
    sent twice is in two chunks, so that the first is settled when the second is tried.
    """
    final = (State.STAGED, State.MERGED, State.REJECTED, State.RETRACTING, State.RETRACTED, State.DUPLICATE)
    finish = tuple(file for file in waiting if histories[file.identity].is_in(*final))
    open_files = [file for file in waiting if not histories[file.identity].is_in(*final)]
    attempts = {file.identity: histories[file.identity].attempts for file in open_files}
    tries = {file.identity: histories[file.identity].tries for file in open_files}
    give_up = tuple(file for file in open_files if attempts[file.identity] >= MAX_ATTEMPTS)
    again = [file for file in open_files if 0 < attempts[file.identity] < MAX_ATTEMPTS]
    again = [file for file in again if not histories[file.identity].was_alone_in(run_id)]
    new = sorted((file for file in open_files if attempts[file.identity] == 0), key=lambda file: file.path != named)
    again.sort(key=lambda file: (attempts[file.identity], tries[file.identity]))
    return Plan(finish, give_up, (*_chunks(new, twins_apart=skips_resent), *((file,) for file in again)))


def _chunks(files: Sequence[WaitingFile], *, twins_apart: bool) -> Iterator[tuple[WaitingFile, ...]]:
    chunk: list[WaitingFile] = []
    size = 0
    looks: set[tuple[str, int]] = set()
    for file in files:
        is_full = len(chunk) == MAX_FILES or size + file.size > MAX_BYTES
        if chunk and (is_full or (file.name, file.size) in looks):
            yield tuple(chunk)
            chunk, size, looks = [], 0, set()
        chunk.append(file)
        size += file.size
        looks |= {(file.name, file.size)} if twins_apart else set()
    if chunk:
        yield tuple(chunk)
