"""What the demo has done and seen: uploads, when they were admitted, and the notices that people would get."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from contracts.names.paths import LakeFile
from local.demo.story import Upload
from local.sending.journey import Journey
from local.settings import LAKE
from local.storage.resource import ObjectResource
from local.workspace.notices import Notice


@dataclass
class Scene:
    """Filled by the threads of the stack while the story goes on; each entry is added at once and never changed."""

    uploaded: list[tuple[Upload, LakeFile]] = field(default_factory=list)
    arrived: dict[str, datetime] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)

    def see(self, resource: ObjectResource) -> None:
        """Remembers when an object came into the lake."""
        if resource["bucket"] == LAKE:
            self.arrived[str(resource["name"])] = datetime.fromisoformat(str(resource["timeCreated"]))

    def admitted_at(self, file: LakeFile) -> datetime | None:
        return self.arrived.get(file.path("source"))


def surprises(uploads: Sequence[Upload], journeys: Sequence[Journey]) -> list[str]:
    """A sentence for each file that ended otherwise than the story says."""
    sentences = []
    for upload, journey in zip(uploads, journeys, strict=True):
        ended = journey.reason or journey.outcome
        if (ended, journey.by) != (upload.outcome, upload.by):
            sentences.append(f"{upload.sample}: {ended} by {journey.by or 'the job'} instead of {upload.outcome}")
    return sentences
