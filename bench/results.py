"""What was measured, as tables for people and a file for whoever compares later."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.contenders import COLD, OURS, PEERS, STEPS, Peer
from bench.pages import machine

Costs = Mapping[str, Mapping[str, float]]
"""By step of `bench.worker`, the fields of a Cost."""

_STAGE, _FIRST, _STAGE_CHANGES, _MERGE = STEPS


@dataclass(frozen=True, slots=True)
class Row:
    """Steps that are compared as one, and who can be; as a share of the steps `of`, where there are any."""

    title: str
    steps: tuple[str, ...]
    has: Callable[[Peer], bool]
    of: tuple[str, ...] = ()


def _both(peer: Peer) -> bool:
    return peer.stages and peer.merges


ROWS = (
    Row("stage", (_STAGE,), lambda peer: peer.stages),
    Row("first load into an empty target", (_FIRST,), _both),
    Row("first load / its stage", (_FIRST,), _both, of=(_STAGE,)),
    Row("both: a first file", (_STAGE, _FIRST), lambda peer: peer.merges),
    Row("stage of changes", (_STAGE_CHANGES,), lambda peer: peer.stages),
    Row("merge of changes", (_MERGE,), _both),
    Row("both: a file of changes", (_STAGE_CHANGES, _MERGE), lambda peer: peer.merges),
    Row("both files, whole processes, cold", (COLD,), lambda peer: peer.merges),
)


@dataclass(frozen=True, slots=True)
class Results:
    """`rounds` has the costs of each contender, of one round after another."""

    scale: float
    changes: int
    orders: int
    rounds: Mapping[str, Sequence[Costs]]

    def save(self, folder: Path) -> None:
        """`loading.json` and `.md`."""
        folder.mkdir(exist_ok=True)
        whole = {"machine": machine(), "scale": self.scale, "rounds": self.rounds}
        (folder / "loading.json").write_text(json.dumps(whole, indent=1) + "\n")
        (folder / "loading.md").write_text("\n".join(self._page()) + "\n")

    def _page(self) -> Iterator[str]:
        yield f"# Loading {self.orders:,} orders, then {self.changes:,} changes"
        yield f"{machine()}. Medians of {len(self.rounds[OURS])} interleaved rounds; every target had the same rows.\n"
        for field, title in (("cpu", "CPU seconds"), ("wall", "Seconds"), ("peak", "Memory at its peak, MB")):
            yield f"## {title}\n"
            yield from self.table(field)
            yield ""
        yield "## Who\n"
        yield from (f"- **{name}**: {PEERS[name].what}" for name in self.rounds)

    def table(self, field: str) -> Iterator[str]:
        """In Markdown: what each took and, in brackets, how many times as much this project took."""
        yield f"| | {' | '.join(self.rounds)} |"
        yield f"|---|{'---|' * len(self.rounds)}"
        for row in ROWS:
            cells = (self._cell(row, name, field) for name in self.rounds)
            yield f"| {row.title} | {' | '.join(cells)} |"

    def _cell(self, row: Row, name: str, field: str) -> str:
        values = self.values(row, name, field)
        if not values:
            return ""
        taken = f"{median(values) / 1e6:,.0f}" if field == "peak" else f"{median(values):.2f}"
        if name == OURS or row.of:
            return taken
        ours = self.values(row, OURS, field)
        ratios = [own / other for own, other in zip(ours, values, strict=True) if other]
        return f"{taken} ({median(ratios):.1f} x)" if ratios else taken

    def values(self, row: Row, name: str, field: str) -> list[float]:
        """One of each round; none where the contender cannot be asked."""
        if not row.has(PEERS[name]) or (field == "peak" and (row.of or COLD in row.steps)):
            return []
        put_together = max if field == "peak" else sum
        taken = (
            (put_together(costs[step][field] for step in steps) if steps else 1.0 for steps in (row.steps, row.of))
            for costs in self.rounds[name]
        )
        return [of_steps / of_others for of_steps, of_others in taken]
