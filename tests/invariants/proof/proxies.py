"""The product's own adapters, each call of which is an operation of a process."""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from google.api_core.exceptions import ServiceUnavailable

from contracts.contract import Contract
from contracts.files.rejection import Rejection
from function.deadline import Deadline
from function.errors import WorkspaceFailed
from function.event import LandedObject
from function.listed import RejectedObject, SourceFile, SourceListing, Version
from function.runs import Run
from function.storage import CloudStorage
from pipeline_jobs.state.found_files import RejectedFile, WaitingFile
from pipeline_jobs.state.volume import Volume

from .operations import COPYING, Process
from .workspace import Workspace

if TYPE_CHECKING:
    from contracts.names.paths import LakeFile

T = TypeVar("T")


class Unavailable(ServiceUnavailable):
    """What the storage answers when it is in trouble."""

    def __init__(self, message: str) -> None:
        super().__init__(message)  # type: ignore[no-untyped-call]  # google-api-core leaves it bare


class StepStorage:
    """As admission and sweep ask the two buckets; `copied` hears of each path that a file came to in source/."""

    def __init__(self, storage: CloudStorage, process: Process, copied: Callable[[str], object]) -> None:
        self._storage = storage
        self._process = process
        self._copied = copied

    def read_head(self, landed: LandedObject) -> bytes:
        return self._look("read head", lambda: self._storage.read_head(landed))

    def copy_to_lake(self, landed: LandedObject, path: str) -> bool:
        area = path.partition("/")[0]

        def copy() -> bool:
            is_new = self._storage.copy_to_lake(landed, path)
            if area == "source":
                self._copied(path)
            return is_new

        return self._process.do(f"{self._process.name}: copy to {area}", copy, trouble=Unavailable)

    def stands_in_lake(self, path: str) -> bool:
        return self._look("look for the copy", lambda: self._storage.stands_in_lake(path))

    def is_listed_in_lake(self, path: str) -> bool:
        return self._look("look for what became of it", lambda: self._storage.is_listed_in_lake(path))

    def listed_in_lake(self, paths: Collection[str]) -> set[str]:
        return self._look("look under other feeds", lambda: self._storage.listed_in_lake(paths))

    def feeds_in_lake(self) -> set[str]:
        return self._look("look for other feeds", self._storage.feeds_in_lake)

    def write_reason(self, path: str, document: bytes) -> None:
        self._do("write reason", lambda: self._storage.write_reason(path, document))

    def has_come(self, feed: str, since: datetime) -> bool:
        return self._look("look for what is expected", lambda: self._storage.has_come(feed, since))

    def write_once(self, path: str, document: bytes) -> None:
        self._do("write what was told", lambda: self._storage.write_once(path, document))

    def delete_landed(self, landed: LandedObject) -> None:
        self._do("delete from landing", lambda: self._storage.delete_landed(landed))

    def landed_versions(self, until: Deadline) -> Iterator[Version]:
        return self._look("list landing", lambda: iter(list(self._storage.landed_versions(until))))

    def source_listing(self) -> SourceListing:
        return self._look("list source", self._storage.source_listing)

    def source_files(self, folder: str) -> Iterator[SourceFile]:
        return self._look("list a folder of source", lambda: iter(list(self._storage.source_files(folder))))

    def rejected_objects(self, feed: str, finalized_from: datetime) -> Iterator[RejectedObject]:
        found = self._storage.rejected_objects
        return self._look("list rejected", lambda: iter(list(found(feed, finalized_from))))

    def copy_out_of_source(self, file: SourceFile, path: str, reason_path: str, document: bytes) -> None:
        self._do("copy out of source", lambda: self._storage.copy_out_of_source(file, path, reason_path, document))

    def delete_from_source(self, file: SourceFile) -> None:
        self._do("delete from source", lambda: self._storage.delete_from_source(file))

    def _look(self, name: str, action: Callable[[], T]) -> T:
        return self._process.look(f"{self._process.name}: {name}", action, trouble=Unavailable)

    def _do(self, name: str, action: Callable[[], None]) -> None:
        self._process.do(f"{self._process.name}: {name}", action, trouble=Unavailable)


class StepJobs:
    """As dispatch and sweep ask the Jobs API; its lists of runs are `behind` by so many changes."""

    def __init__(self, workspace: Workspace, process: Process, behind: int = 0) -> None:
        self._workspace = workspace
        self._process = process
        self._behind = behind

    def newest_run(self, job_id: int) -> Run | None:
        return self._list("newest run", lambda behind: self._workspace.newest_run(job_id, behind))

    def recent_runs(self, job_id: int) -> tuple[Run, ...]:
        return self._list("recent runs", lambda behind: self._workspace.recent_runs(job_id, behind))

    def is_over(self, run_id: int) -> bool:
        name = f"{self._process.name}: is the run over"
        return self._process.look(name, lambda: self._workspace.is_over(run_id), trouble=WorkspaceFailed)

    def run_now(self, job_id: int, path: str, token: str) -> int:
        return self._process.do(
            f"{self._process.name}: run now",
            lambda: self._workspace.run_now(job_id, path, token),
            trouble=WorkspaceFailed,
        )

    def _list(self, name: str, action: Callable[[int], T]) -> T:
        name = f"{self._process.name}: {name}"
        return self._process.listing(name, action, self._behind, trouble=WorkspaceFailed)


class StepVolume(Volume):
    """The lake as the job moves files in it; `listed` hears of each listing of source/."""

    def __init__(self, root: Path, landing: str, process: Process, listed: Callable[[], None]) -> None:
        super().__init__(root, landing)
        self._process = process
        self._listed = listed

    def waiting(self, contract: Contract, contracts: tuple[Contract, ...]) -> list[WaitingFile]:
        def listing() -> list[WaitingFile]:
            self._listed()
            return Volume.waiting(self, contract, contracts)

        return self._process.look("volume: list source", listing, trouble=OSError)

    def head(self, file: WaitingFile) -> bytes:
        return self._process.look("volume: read head", lambda: Volume.head(self, file), trouble=OSError)

    def rejections(self, feed: str, since: datetime, *, is_whole: bool = False) -> Iterator[RejectedFile]:
        def listing() -> Iterator[RejectedFile]:
            return iter(list(Volume.rejections(self, feed, since, is_whole=is_whole)))

        return self._process.look("volume: list rejected", listing, trouble=OSError)

    def archive(self, file: WaitingFile) -> None:
        self._process.do("volume: archive", lambda: Volume.archive(self, file), trouble=OSError)

    def reject(self, file: WaitingFile, rejection: Rejection) -> None:
        self._process.do("volume: reject", lambda: Volume.reject(self, file, rejection), trouble=OSError)

    def reopen(self, file: "LakeFile", stood: str) -> None:
        self._process.do("volume: reopen", lambda: Volume.reopen(self, file, stood), trouble=OSError)

    def reopen_rejected(self, file: "LakeFile") -> None:
        self._process.do("volume: reopen rejected", lambda: Volume.reopen_rejected(self, file), trouble=OSError)

    def forget_archived(self, file: WaitingFile) -> None:
        self._process.do("volume: forget archived", lambda: Volume.forget_archived(self, file), trouble=OSError)

    def forget_rejected(self, file: WaitingFile) -> None:
        self._process.do("volume: forget rejected", lambda: Volume.forget_rejected(self, file), trouble=OSError)

    def _put(self, to: str, write: Callable[[Path], object]) -> None:
        target = self.root / to

        def half() -> None:
            target.parent.mkdir(parents=True, exist_ok=True)
            write(target)
            target.write_bytes(target.read_bytes()[: target.stat().st_size // 2])

        what = "reason" if to.endswith(".reason.json") else f"copy to {to.partition('/')[0]}"
        self._process.do(
            f"volume: write {what}", lambda: Volume._put(self, to, write), COPYING, trouble=OSError, half=half
        )
