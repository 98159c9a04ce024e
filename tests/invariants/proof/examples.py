"""Histories that once broke a promise, as short as they got: they are played again for ever."""

from pipeline_jobs.operations.operation import Do

from .at_once import AtOnce
from .files import UNROUTED, Content, Record
from .interventions import Cancel
from .operations import Fault, Mode
from .steps import Ask, Deliver, Direct, NewContract, Notebook, Remove, RunAll, Skew, Step, Sweep, Task, Upload, Wait

_TO_THE_WORD = 16
"""So many operations of a stage_load that replays one file come before it enters `reopened`."""

FOUND: dict[str, tuple[Step, ...]] = {
    # The log line is the last act of a delivery, and nothing else tells of a file that no feed claims.
    "killed before it could say that no feed claims the file": (
        Upload(Content(feed=UNROUTED, fault="unrouted")),
        Deliver(0, (Fault(0, Mode.DIED, "event: delete from landing"),)),
    ),
    # As above, by the sweep: what has left source/ no later one finds.
    "killed before it could say that nobody takes the file out of source": (
        Direct(Content(feed=UNROUTED, fault="unrouted")),
        Wait(25 * 60),
        Sweep((Fault(0, Mode.DIED, "sweep: delete from source"),)),
    ),
    # The archive was looked into alone, and the feed stood still for ever.
    "killed between verdict and archive, and then the contract changes": (
        Upload(Content((Record(),))),
        Deliver(),
        Task((Fault(0, Mode.DIED, "ledger: staged"),)),
        NewContract(),
    ),
    # What died half done in the archive was taken for the original, which still stood in source/.
    "killed half way into the archive, and then the contract changes": (
        Upload(Content((Record(),))),
        Deliver(),
        Task((Fault(0, Mode.HALF, "volume: write copy to archive"),)),
        NewContract(),
    ),
    "as before, of a file that was put into source by hand": (
        Direct(Content((Record(),))),
        Notebook((Fault(0, Mode.HALF, "volume: write copy to archive"),)),
        NewContract(),
    ),
    "killed half way back from the archive, by which the file is no shorter": (
        Upload(Content((Record(),))),
        Deliver(),
        Task(),
        NewContract(),
        Notebook((Fault(0, Mode.HALF, "volume: write copy to source"),)),
    ),
    # A run that is cancelled sends no mail, and the sweep looked at the loads alone.
    "cancelled between the loads and the report": (
        Upload(Content((Record(bad=True),))),
        Deliver(),
        Task(),
        Task(),
        Cancel(),
    ),
    # Staged and archived, and no run of the job will ever come by: that is left to who saw the notebook end badly.
    "a notebook that ends between the loads, and nothing else happens": (
        Direct(Content((Record(),))),
        Notebook((Fault(0, Mode.LOST, "target: merge"),)),
    ),
    # Here the proof was wrong: it took what came after the deletion for deleted, too.
    "an empty file that is deleted, and another of its name that stays": (
        Upload(content=Content(records=(), fault="empty")),
        Remove(),
        Upload(content=Content(records=(), fault="empty")),
    ),
    # Judged again without a look whether its rows stood there, and rejected, while they did.
    "merged, killed before the ledger says so, and the next contract rejects the file": (
        Upload(Content((Record(1), Record(2, bad=True)))),
        Deliver(),
        Task(),
        Task((Fault(0, Mode.DIES, "ledger: merged"),)),
        NewContract(),
    ),
    "as before, killed when its deletion was known and not yet done": (
        Upload(Content((Record(1, dead=True, day=2), Record(2, bad=True)))),
        Deliver(),
        Task(),
        Task((Fault(0, Mode.DIES, "target: merge"),)),
        NewContract(),
        Upload(Content((Record(1),))),
        Deliver(1),
    ),
    # What had been written of the copy in the archive stayed there beside the rejected file.
    "killed half way into the archive, and the next contract rejects the file": (
        Upload(Content((Record(1), Record(2, bad=True)))),
        Deliver(),
        Task((Fault(0, Mode.HALF, "volume: write copy to archive"),)),
        NewContract(),
    ),
    # By the clock of the storage, which was behind, the run had begun later and told of it.
    "rejected behind a run that seems to be younger": (
        Upload(Content(fault="header"), "d"),
        Upload(Content((Record(),)), "b"),
        Deliver(1),
        Skew("storage", -19),
        Task(),
    ),
    # Back in source/, and still known as rejected: the notebook moved it away again, and nobody looked for it.
    "a notebook between the way back of a rejected file and the word that it goes in again": (
        Upload(Content((Record(1, bad=True), Record(2, bad=True), Record(3)))),
        Deliver(),
        RunAll(),
        Ask(Do.REPLAY),
        AtOnce(("task", "notebook"), (*[0] * _TO_THE_WORD, *[1] * 60)),
    ),
    # Here the proof was wrong, too: it deleted the generation for good, and not the object.
    "deleted before its event comes": (
        Upload(Content()),
        Remove(),
    ),
    # Entered, and not taken back when the answer was lost: three such tries, and a good file was rejected.
    "a ledger that enters each try and gives no answer": (
        Upload(Content((Record(),))),
        Deliver(),
        *[Notebook((Fault(0, Mode.LOST, "ledger: attempted"),))] * 3,
    ),
}
