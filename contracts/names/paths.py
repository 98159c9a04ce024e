"""Names: a file's identity, and its place in the lake. Only this module composes them and takes them apart.

`{source,archive,rejected}/<feed or _unrouted>/@<finalized_at>-<generation>/<name>`; in `<name>`, `/` stays and
every byte of its UTF-8 outside `[A-Za-z0-9._-]` becomes `~XX`.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

Area = Literal["source", "archive", "rejected"]

UNROUTED = "_unrouted"
REASON_SUFFIX = ".reason.json"
MAX_SEGMENT_BYTES = 200
MAX_NAME_BYTES = 900
MAX_OBJECT_NAME_BYTES = 1024
"""Google's own limit, in UTF-8: https://cloud.google.com/storage/docs/objects#naming"""
OBJECT_NAMES = f"a name has 1 to {MAX_OBJECT_NAME_BYTES:,} bytes and no line break, and is not . or .."
"""What a bucket takes, for a message."""

_UNFINISHED = (".tmp", ".part", ".partial", ".filepart")
"""How names end of what is renamed once it is whole."""
_PIECES = re.compile(r"(?:^|/)(?:tmp/parallel_composite_uploads|_temporary)/")
_PIECE = re.compile(r"[^;/]+;[^;/]+;[0-9]+\.part|\.distcp\.tmp\..+", re.DOTALL)
_STAMP = "%Y%m%dT%H%M%S.%fZ"
_STAMPED = re.compile(r"[0-9]{8}T(?:[01][0-9]|2[0-3])[0-9]{4}\.[0-9]{6}Z")
_PLAIN = re.compile(rb"[A-Za-z0-9._-]")
_PLAIN_SEGMENT = re.compile(r"[A-Za-z0-9._-]*[A-Za-z0-9_-][A-Za-z0-9._-]*")
"""One that is its own encoding, as most are."""
_ENCODED = re.compile(r"(?:[A-Za-z0-9._-]|~[0-9A-F]{2})+")
_DIGITS, _MAX_GENERATION = 19, 2**63 - 1
_PLACE = re.compile(
    r"(source|archive|rejected)/([a-z_][a-z0-9_]*)/@([0-9]{8}T[0-9]{6}\.[0-9]{6}Z)-(0|[1-9][0-9]*)/(.+)",
    re.ASCII | re.DOTALL,
)


class NotOurName(ValueError):
    """The path is not one that `LakeFile.path` composes."""


class NameTooLong(ValueError):
    """The name, once encoded, is over 200 bytes in a segment or 900 in all."""


def identity(bucket: str, name: str, generation: int) -> str:
    """The key of everything, in the notation of the gcloud tools: `gs://BUCKET/OBJECT#GENERATION`."""
    return f"gs://{bucket}/{name}#{generation}"


def without_generation(file: str) -> str:
    """What all generations of a file have in common: its identity less the number, or the time, at its end."""
    return file.rpartition("#")[0]


def direct_identity(path: str, modified: datetime) -> str:
    """Of a file that was put straight into source/, `path` below the lake's root: `source/…#<time>`."""
    return f"{path}#{stamp(modified)}"


def is_placeholder(name: str, size: int) -> bool:
    """Whether a file is only announced: gcsfuse and SFTP gateways create an empty object before the full one."""
    base_name = name.rpartition("/")[2]
    return size == 0 or base_name in ("", "_SUCCESS") or base_name.endswith(_UNFINISHED) or is_piece(name)


def is_piece(name: str) -> bool:
    """Whether its tool makes the file of it, by composing such or by a copy, and deletes it then.

    `gcloud storage cp` does so with 150 MiB and more. It and gsutil name the folder, Java's client the object:
    https://cloud.google.com/storage/docs/parallel-composite-uploads. Spark and Hadoop write below `_temporary/`:
    https://hadoop.apache.org/docs/stable/hadoop-mapreduce-client/hadoop-mapreduce-client-core/manifest_committer_protocol.html
    """
    return _PIECES.search(name) is not None or _PIECE.fullmatch(name.rpartition("/")[2]) is not None


def stamp(moment: datetime) -> str:
    """UTC to the microsecond, `20261121T101112.123456Z`: sorts as text as it does as time."""
    return moment.astimezone(UTC).strftime(_STAMP)


def parse_stamp(text: str) -> datetime:
    """The inverse of stamp; raises ValueError for anything that it does not give."""
    if not _STAMPED.fullmatch(text):
        raise ValueError(f"{text!r} is no time as the lake writes it")
    return datetime.fromisoformat(text)


def encode_name(name: str) -> str:
    """The object's name as a relative path that every tool on the way leaves alone; raises NameTooLong."""
    segments = [_encode_segment(segment) for segment in name.split("/")]
    encoded = "/".join(segments)
    if len(encoded) > MAX_NAME_BYTES or any(len(segment) > MAX_SEGMENT_BYTES for segment in segments):
        raise NameTooLong(
            f"the name is longer than the lake can hold ({MAX_SEGMENT_BYTES} bytes a segment, {MAX_NAME_BYTES} in all, "
            "three for every character beyond letters, digits, dot, underscore and hyphen)"
        )
    return encoded


def _encode_segment(segment: str) -> str:
    if _PLAIN_SEGMENT.fullmatch(segment):
        return segment
    if not segment:
        return "~"
    if segment.strip(".") == "":
        return "~2E" * len(segment)
    return "".join(
        chr(byte) if _PLAIN.match(bytes((byte,))) else f"~{byte:02X}"
        for byte in segment.encode("utf-8", "surrogatepass")
    )


def decode_name(encoded: str) -> str:
    """The inverse of encode_name; raises NotOurName for anything that it does not give."""
    return "/".join(_decode_segment(segment) for segment in encoded.split("/"))


def _decode_segment(segment: str) -> str:
    if _PLAIN_SEGMENT.fullmatch(segment):
        return segment
    if segment == "~":
        return ""
    if not _ENCODED.fullmatch(segment):
        raise NotOurName(f"{segment!r} is not an encoded segment")
    raw = re.sub(rb"~([0-9A-F]{2})", lambda match: bytes((int(match[1], 16),)), segment.encode("ascii"))
    try:
        name = raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise NotOurName(f"{segment!r} is not an encoded segment") from error
    if _encode_segment(name) != segment:
        raise NotOurName(f"{segment!r} is not the one encoding of its name")
    return name


def names_since(area: Area, feed: str, finalized_at: datetime) -> str:
    """Where a listing of the feed's files that were finalized then or later begins: they sort by that time."""
    return f"{area}/{feed}/@{stamp(finalized_at)}"


def due_path(feed: str, due: datetime, what: Literal["missing", "late"]) -> str:
    """Where in the lake it stands that people were told of a file that was due."""
    return f"expected/{feed}/@{stamp(due)}.{what}"


@dataclass(frozen=True, slots=True)
class LakeFile:
    """One generation of one object, wherever in the lake it stands; 0 for a file that was put straight into source/,
    whose `finalized_at` is its time of change.
    """

    feed: str
    finalized_at: datetime
    generation: int
    name: str

    @classmethod
    def parse(cls, path: str) -> "LakeFile":
        """From a path below the lake's root; raises NotOurName."""
        match = _PLACE.fullmatch(path)
        if match is None or len(match[4]) > _DIGITS or int(match[4]) > _MAX_GENERATION:
            raise NotOurName(f"{path!r} is not <area>/<feed>/@<finalized_at>-<generation>/<name>")
        try:
            finalized_at = parse_stamp(match[3])
        except ValueError as error:
            raise NotOurName(f"{match[3]!r} is no time") from error
        return cls(match[2], finalized_at, int(match[4]), decode_name(match[5]))

    @classmethod
    def parse_direct(cls, feed: str, identity: str) -> "LakeFile":
        """From the identity of a file that was put straight into source/; raises NotOurName."""
        path, _, modified = identity.rpartition("#")
        folder = f"source/{feed}/"
        try:
            finalized_at = parse_stamp(modified)
        except ValueError as error:
            raise NotOurName(f"{identity!r} does not end in a time") from error
        if not path.startswith(folder):
            raise NotOurName(f"{identity!r} is not of {folder}")
        return cls(feed, finalized_at, 0, path.removeprefix(folder))

    def path(self, area: Area) -> str:
        """Below the lake's root, without a leading slash; raises NameTooLong."""
        return f"{self._folder(area)}/{encode_name(self.name)}"

    def rejected_path(self) -> str:
        """Where it is rejected to: as `path`, and a name that is too long under its sha256."""
        try:
            return self.path("rejected")
        except NameTooLong:
            digest = hashlib.sha256(self.name.encode("utf-8", "surrogatepass")).hexdigest()
            return f"{self._folder('rejected')}/{digest}"

    def reason_path(self) -> str:
        return self.rejected_path() + REASON_SUFFIX

    def has_reason(self, identity: str) -> bool:
        """Whether what stands at `reason_path` speaks of this file, by the identity in it.

        A producer may call an object like a reason file; its generation, which stands in the path, nobody foretells.
        A person may put a reason file straight into source/, where it is a file like any other, with a time of its own.
        """
        return identity.endswith(f"#{self.generation or stamp(self.finalized_at)}")

    def identity(self, bucket: str) -> str:
        """That of the bucket's generation; of a file that was put straight into source/, its place there and time."""
        if self.generation == 0:
            return direct_identity(f"source/{self.feed}/{self.name}", self.finalized_at)
        return identity(bucket, self.name, self.generation)

    def _folder(self, area: Area) -> str:
        return f"{names_since(area, self.feed, self.finalized_at)}-{self.generation}"
