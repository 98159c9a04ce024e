"""Admission over two buckets in memory, and a workspace that notes what it is asked for."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime

from contracts.loader import load_contracts
from contracts.names.paths import LakeFile
from function.admission import Admission
from function.config import Feeds
from function.errors import CopyDiffers, DeleteRefused, GenerationGone, NothingToCopy, WorkspaceFailed
from function.event import LandedObject

AT = datetime(2026, 11, 21, 10, 11, 12, 123456, UTC)
CONTRACTS = load_contracts()
FEEDS = Feeds(CONTRACTS, tuple((contract.feed, 10 + at) for at, contract in enumerate(CONTRACTS)))
CUSTOMERS = next(contract for contract in CONTRACTS if contract.feed == "customers")
HEADER = ",".join(column.source_name for column in CUSTOMERS.file_columns).encode() + b"\n"


class Died(BaseException):
    """The process ended here."""


@dataclass
class FakeFiles:
    """Two buckets in memory that note each effect, and can die before or after any of them."""

    landing: dict[str, bytes] = field(default_factory=dict)
    lake: dict[str, bytes] = field(default_factory=dict)
    effects: list[str] = field(default_factory=list)
    dies: tuple[int, str] | None = None
    lake_is_missing: bool = False
    is_held: bool = False
    looks: list[str] = field(default_factory=list)
    calls: int = 0

    def put(self, landed: LandedObject, content: bytes) -> None:
        self.landing[landed.identity] = content

    def read_head(self, landed: LandedObject) -> bytes:
        if landed.identity not in self.landing:
            raise GenerationGone(landed.identity)
        return self.landing[landed.identity][: 64 * 1024]

    def copy_to_lake(self, landed: LandedObject, path: str) -> bool:
        with_effect = self._effect(f"copy {path}")
        if landed.identity not in self.landing or self.lake_is_missing:
            raise NothingToCopy(path)
        if path in self.lake:
            if self.lake[path] != self.landing[landed.identity]:
                raise CopyDiffers(path)
            return False
        with_effect(lambda: self.lake.__setitem__(path, self.landing[landed.identity]))
        return True

    def stands_in_lake(self, path: str) -> bool:
        assert not path.startswith("archive/"), "there is no right to read it"
        self.looks.append(path)
        return path in self.lake

    def is_listed_in_lake(self, path: str) -> bool:
        self.looks.append(path)
        return path in self.lake

    def listed_in_lake(self, paths: Collection[str]) -> set[str]:
        return {path for path in paths if self.is_listed_in_lake(path)}

    def feeds_in_lake(self) -> set[str]:
        return {path.split("/")[1] for path in self.lake} - {"_unrouted"}

    def write_reason(self, path: str, document: bytes) -> None:
        self._effect(f"reason {path}")(lambda: self.lake.setdefault(path, document))

    def delete_landed(self, landed: LandedObject) -> None:
        if self.is_held:
            raise DeleteRefused(landed.identity)
        self._effect(f"delete {landed.identity}")(lambda: self.landing.pop(landed.identity, None))

    def _effect(self, name: str) -> Callable[[Callable[[], object]], None]:
        self.calls += 1
        if self.dies == (self.calls, "before"):
            raise Died

        def act(effect: Callable[[], object]) -> None:
            effect()
            self.effects.append(name.split(maxsplit=1)[0])
            if self.dies == (self.calls, "after"):
                raise Died

        return act


@dataclass
class FakeDispatch:
    """Notes what it was asked to see to; refuses while `down`."""

    asked: list[tuple[int, str, bool]] = field(default_factory=list)
    down: bool = False
    before: Callable[[], None] = lambda: None

    def ensure_run(self, job_id: int, path: str, *, first_time: bool) -> int:
        self.before()
        if self.down:
            raise WorkspaceFailed("down")
        self.asked.append((job_id, path, first_time))
        return 500


def landed_of(name: str = "daily/customers.csv", size: int = len(HEADER), generation: int = 1) -> LandedObject:
    return LandedObject("landing", name, generation, AT, size, "text/csv", "crc", "event")


def admission_of(files: FakeFiles, dispatch: FakeDispatch, feeds: Feeds = FEEDS) -> Admission:
    return Admission(files, dispatch, feeds, "landing", lambda: AT, "function")


def source_of(landed: LandedObject) -> str:
    return LakeFile("customers", landed.finalized_at, landed.generation, landed.name).path("source")
