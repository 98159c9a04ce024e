"""The tables of the feeds, made once by the product and copied for each history that is not about making them."""

from contextlib import ExitStack
from pathlib import Path

from pipeline_jobs.steps.setup_tables import set_up

from .feeds import contracts
from .ground import Ground


def make_template(ground: Ground) -> Path | None:
    """A folder as `new_world` takes it; none where an engine's tables do not move."""
    if ground.kind != "sail":
        return None
    folder = ground.root / "template"
    folder.mkdir()
    with ExitStack() as opened:
        feeds = contracts(1)
        set_up(ground.engine(folder, opened), feeds, feeds)
    return folder
