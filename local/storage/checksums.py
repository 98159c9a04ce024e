"""The checksums of an object, as the API writes them."""

import base64
from dataclasses import dataclass, replace

import google_crc32c


@dataclass(frozen=True)
class Checksums:
    """Base64 of the big-endian CRC32C and of the MD5; composed objects and mounted files have no MD5."""

    crc32c: str
    md5: str | None

    def without_md5(self) -> "Checksums":
        """What Google keeps of a composed object: its CRC32C follows from those of the parts, an MD5 would not."""
        return replace(self, md5=None)


class Crc32c:
    """A running CRC32C."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes) -> None:
        """Add bytes at the end."""
        self._value = google_crc32c.extend(self._value, data)

    def base64(self) -> str:
        """The checksum of all bytes so far."""
        return base64.b64encode(self._value.to_bytes(4, "big")).decode()
