"""The files of a measurement."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Files:
    """CSV with a header: `orders` whole; `changes` have a tenth of the keys, scattered, and a hundredth of new ones.

    `warm_up` is a thousand of the orders.
    """

    warm_up: Path
    orders: Path
    changes: Path

    @classmethod
    def in_folder(cls, folder: Path) -> "Files":
        return cls(folder / "warm_up.csv", folder / "orders.csv", folder / "changes.csv")
