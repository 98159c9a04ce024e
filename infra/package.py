"""`python -m infra.package`: the zip of the functions, and the note of what was packaged that Terraform reads.

The zip is made of an include list, and its bytes follow from the content of its files alone: what has not changed is
not deployed again. The wheel is there already (`make wheel`).
"""

import argparse
import hashlib
import json
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.checking.check import checked_contracts
from contracts.contract import ContractError
from contracts.loader import load_contracts
from infra.tables import described

ROOT = Path(__file__).parents[1]
CONTRACTS = "*.odcs.yaml"
ZIP = "function.zip"
NOTE = "package.json"

# The zip format has no earlier time.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644
_UNIX = 3


class PackageError(Exception):
    """There is nothing to deploy, or zip and wheel would not be of one make."""


@dataclass(frozen=True, slots=True)
class Package:
    """What a deployment puts in place: names of files beside the note, and the sha256 of each contract in them.

    `tables` are those of the contracts, for readers beside the catalog (`infra.tables`).
    """

    function: str
    wheel: str
    contracts: Mapping[str, str]
    tables: Mapping[str, Any]

    def to_json(self) -> str:
        document: dict[str, Any] = {"function": self.function, "wheel": self.wheel}
        document |= {"contracts": dict(self.contracts), "tables": dict(self.tables)}
        return json.dumps(document, indent=2, sort_keys=True) + "\n"


def build(source: Path, feeds: Path, out: Path) -> Package:
    """Writes function.zip and package.json beside the wheel in `out`; raises PackageError."""
    contracts = {path.name: path.read_bytes() for path in sorted(feeds.glob(CONTRACTS))}
    if not contracts:
        raise PackageError(f"there is no contract ({CONTRACTS}) in {feeds}")
    wheel = _wheel(out, contracts)
    zipped = function_files(source) | {f"feeds/{name}": content for name, content in contracts.items()}
    write_zip(out / ZIP, zipped)
    package = Package(
        ZIP,
        wheel.name,
        {name: hashlib.sha256(content).hexdigest() for name, content in contracts.items()},
        described(load_contracts(feeds)),
    )
    (out / NOTE).write_text(package.to_json(), "utf-8")
    return package


def function_files(source: Path) -> dict[str, bytes]:
    """What the functions run on, without the contracts: main.py, its packages, their requirements."""
    code = [source / "main.py", *(source / "function").rglob("*.py"), *(source / "contracts").rglob("*.py")]
    return {path.relative_to(source).as_posix(): path.read_bytes() for path in [*code, source / "requirements.txt"]}


def write_zip(path: Path, files: Mapping[str, bytes]) -> None:
    """Sorted, with one time and one mode, and stored: the compressed bytes would depend on the version of zlib."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = _PLAIN_FILE << 16
            entry.create_system = _UNIX
            archive.writestr(entry, files[name])


def _wheel(out: Path, contracts: Mapping[str, bytes]) -> Path:
    wheels = sorted(out.glob("*.whl"))
    if len(wheels) != 1:
        raise PackageError(f"there must be one wheel in {out}, there are {len(wheels)}: `make wheel` builds it")
    with zipfile.ZipFile(wheels[0]) as archive:
        inside = {
            name.removeprefix("feeds/"): archive.read(name)
            for name in archive.namelist()
            if name.startswith("feeds/") and Path(name).match(CONTRACTS)
        }
    if inside != contracts:
        differing = sorted(name for name in {*inside, *contracts} if inside.get(name) != contracts.get(name))
        raise PackageError(f"the wheel {wheels[0].name} was built from other contracts: {', '.join(differing)}")
    return wheels[0]


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.package", description=__doc__)
    parser.add_argument("--feeds", type=Path, default=ROOT / "feeds", help="folder of the contracts")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="where the wheel is, and the zip goes")
    options = parser.parse_args(argv)
    try:
        checked_contracts(options.feeds)
        package = build(ROOT, options.feeds, options.out)
    except (ContractError, PackageError) as error:
        parser.error(str(error))
    for name in (package.function, package.wheel, NOTE):
        sys.stdout.write(f"{options.out / name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
