"""All of them."""

from .cells import CELLS
from .contract_texts import CONTRACTS
from .names import NAMES
from .requests import STORAGE, WORKSPACE

TARGETS = (CONTRACTS, NAMES, CELLS, STORAGE, WORKSPACE)
