"""What the storage knows of its buckets and generations, in SQLite: names are keys here and never paths.

A killed process leaves the last whole transaction. The caller serialises: every method is called under the
storage's lock.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from local.storage.bucket import Bucket
from local.storage.checksums import Checksums
from local.storage.resource import Attributes, Fingerprint, StoredObject

_SCHEMA = """
CREATE TABLE IF NOT EXISTS buckets (
    name TEXT PRIMARY KEY, versioning INTEGER NOT NULL, plain INTEGER NOT NULL,
    created TEXT NOT NULL, updated TEXT NOT NULL, metageneration INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL, name TEXT NOT NULL, generation INTEGER NOT NULL, metageneration INTEGER NOT NULL,
    size INTEGER NOT NULL, crc32c TEXT NOT NULL, md5 TEXT, created TEXT NOT NULL, updated TEXT NOT NULL,
    attributes TEXT NOT NULL, deleted TEXT, components INTEGER, fingerprint TEXT,
    PRIMARY KEY (bucket, name, generation)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS one_live_generation ON objects (bucket, name) WHERE deleted IS NULL;
CREATE TABLE IF NOT EXISTS newest_generation (generation INTEGER NOT NULL);
INSERT INTO newest_generation SELECT 0 WHERE NOT EXISTS (SELECT * FROM newest_generation);
"""


class Index:
    """The tables of buckets and generations of one storage folder."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the database; nothing is lost without it."""
        self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that happens inside, or nothing of it."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def mint(self, microseconds: int) -> int:
        """A generation that was never given before: the time, or the next number if that one was reached."""
        rows = self._database.execute(
            "UPDATE newest_generation SET generation = max(generation + 1, ?) RETURNING generation",
            (microseconds,),
        ).fetchall()
        return int(rows[0][0])

    def bucket(self, name: str) -> Bucket | None:
        """The bucket of this name."""
        rows = self._database.execute("SELECT * FROM buckets WHERE name = ?", (name,)).fetchall()
        return _to_bucket(rows[0]) if rows else None

    def buckets(self) -> list[Bucket]:
        """All buckets by name."""
        return [_to_bucket(row) for row in self._database.execute("SELECT * FROM buckets ORDER BY name")]

    def put_bucket(self, bucket: Bucket) -> None:
        """Add the bucket or replace what is known of it."""
        values = (
            bucket.name,
            bucket.versioning,
            bucket.plain,
            bucket.created.isoformat(),
            bucket.updated.isoformat(),
            bucket.metageneration,
        )
        self._database.execute("INSERT OR REPLACE INTO buckets VALUES (?, ?, ?, ?, ?, ?)", values)

    def remove_bucket(self, name: str) -> None:
        """Forget the bucket, which holds nothing any more."""
        self._database.execute("DELETE FROM buckets WHERE name = ?", (name,))

    def live(self, bucket: str, name: str) -> StoredObject | None:
        """The live generation of a name."""
        rows = self._database.execute(
            "SELECT * FROM objects WHERE bucket = ? AND name = ? AND deleted IS NULL", (bucket, name)
        ).fetchall()
        return _to_object(rows[0]) if rows else None

    def generation(self, bucket: str, name: str, generation: int) -> StoredObject | None:
        """This very generation, live or noncurrent."""
        rows = self._database.execute(
            "SELECT * FROM objects WHERE bucket = ? AND name = ? AND generation = ?",
            (bucket, name, generation),
        ).fetchall()
        return _to_object(rows[0]) if rows else None

    def put(self, stored: StoredObject) -> None:
        """Add the generation or replace what is known of it."""
        values = (
            stored.bucket,
            stored.name,
            stored.generation,
            stored.metageneration,
            stored.size,
            stored.checksums.crc32c,
            stored.checksums.md5,
            stored.created.isoformat(),
            stored.updated.isoformat(),
            json.dumps([stored.attributes.texts, stored.attributes.custom]),
            stored.deleted.isoformat() if stored.deleted else None,
            stored.components,
            _fingerprint_text(stored.fingerprint),
        )
        marks = ", ".join("?" * len(values))
        self._database.execute(f"INSERT OR REPLACE INTO objects VALUES ({marks})", values)  # noqa: S608 - marks are ?

    def remove(self, stored: StoredObject) -> None:
        """Forget the generation for good."""
        self._database.execute(
            "DELETE FROM objects WHERE bucket = ? AND name = ? AND generation = ?",
            (stored.bucket, stored.name, stored.generation),
        )

    def page(self, bucket: str, after: tuple[str, int], limit: int, *, versions: bool) -> list[StoredObject]:
        """The next generations behind (name, generation), by the bytes of the name, then by generation."""
        rows = self._database.execute(
            "SELECT * FROM objects WHERE bucket = ? AND (name, generation) > (?, ?) "
            "AND (deleted IS NULL OR ?) ORDER BY name, generation LIMIT ?",
            (bucket, *after, versions, limit),
        ).fetchall()
        return [_to_object(row) for row in rows]

    def generations(self, bucket: str) -> Iterator[int]:
        """Every generation number of a bucket."""
        rows = self._database.execute("SELECT generation FROM objects WHERE bucket = ?", (bucket,))
        return (int(row[0]) for row in rows)


def _fingerprint_text(fingerprint: Fingerprint | None) -> str | None:
    if fingerprint is None:
        return None
    return json.dumps([fingerprint.inode, fingerprint.size, fingerprint.modified])


def _to_bucket(row: tuple[Any, ...]) -> Bucket:
    name, versioning, plain, created, updated, metageneration = row
    return Bucket(
        name=name,
        versioning=bool(versioning),
        plain=bool(plain),
        created=datetime.fromisoformat(created),
        updated=datetime.fromisoformat(updated),
        metageneration=metageneration,
    )


def _to_object(row: tuple[Any, ...]) -> StoredObject:
    bucket, name, generation, metageneration, size, crc32c, md5, created, updated, *rest = row
    attributes, deleted, components, fingerprint = rest
    return StoredObject(
        bucket=bucket,
        name=name,
        generation=generation,
        metageneration=metageneration,
        size=size,
        checksums=Checksums(crc32c, md5),
        created=datetime.fromisoformat(created),
        updated=datetime.fromisoformat(updated),
        attributes=Attributes(*json.loads(attributes)),
        deleted=datetime.fromisoformat(deleted) if deleted else None,
        components=components,
        fingerprint=Fingerprint(*json.loads(fingerprint)) if fingerprint else None,
    )
