"""What stays of a measurement: a page in `bench/results/`, which says on what machine and with which versions."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
_PACKAGES = ("pysail", "deltalake", "polars", "duckdb", "dlt", "pyarrow", "pyspark-client")


def machine() -> str:
    """Cores, memory, system and the versions that count; nothing that names whose machine it is."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    hardware = f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GB, {platform.system()}"
    return ", ".join((hardware, f"Python {platform.python_version()}", *_versions()))


def _versions() -> list[str]:
    """Of the packages that this environment has."""
    found = []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return found


def keep(folder: Path, name: str, title: str, measured: str) -> Path:
    """The page `name` with what was measured, in Markdown."""
    folder.mkdir(exist_ok=True)
    page = folder / f"{name}.md"
    page.write_text(f"# {title}\n{machine()}.\n\n{measured.strip()}\n", encoding="utf-8")
    return page
