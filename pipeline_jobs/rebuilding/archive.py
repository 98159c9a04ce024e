"""The lake as a rebuild reads it: each accepted file where its bytes are, and none of them moved."""

from dataclasses import replace

from contracts.files.regular import is_regular
from contracts.files.rejection import Rejection
from contracts.names.paths import LakeFile
from pipeline_jobs.state.found_files import WaitingFile
from pipeline_jobs.state.history import Entry
from pipeline_jobs.state.volume import Volume


class Archive(Volume):
    """Whatever the new tables make of a file, it stays where it stands until they are the feed's."""

    def __init__(self, volume: Volume) -> None:
        super().__init__(volume.root, volume.landing_bucket)
        self._volume = volume

    def find(self, entry: Entry) -> WaitingFile | None:
        """The file of an entry of the ledger; None where it is in the lake no more.

        In source/ first: of a move that a dead run left half done, only what stands there is whole.
        """
        place = entry.place
        standing = self._waiting(self.root / (entry.path or ""), entry.feed)
        if standing is None or standing.place != place:
            standing = self._archived(place)
        return None if standing is None else replace(standing, identity=entry.file or "")

    def _archived(self, place: LakeFile) -> WaitingFile | None:
        path = place.path("archive")
        self._refuse_links((self.root / path).parent)
        return self._waiting(self.root / path, place.feed) if is_regular(self.root / path) else None

    def head(self, file: WaitingFile) -> bytes:
        return self._volume.head(file)

    def is_waiting(self, file: WaitingFile) -> bool:
        return self._volume.is_waiting(file)

    def archive(self, file: WaitingFile) -> None:
        """It is there."""

    def reject(self, file: WaitingFile, rejection: Rejection) -> None:
        """For the new tables alone, until they are the feed's."""
