"""The mutants, by the part of the product that each is of."""

from . import (
    admission,
    closed,
    dispatch,
    language,
    ledger,
    limits,
    local,
    merge,
    reading,
    rebuilding,
    report,
    staging,
    sweep,
    tables,
    undo,
    volume,
)

MUTANTS = (
    *admission.MUTANTS,
    *closed.MUTANTS,
    *dispatch.MUTANTS,
    *sweep.MUTANTS,
    *language.MUTANTS,
    *reading.MUTANTS,
    *staging.MUTANTS,
    *volume.MUTANTS,
    *ledger.MUTANTS,
    *merge.MUTANTS,
    *tables.MUTANTS,
    *rebuilding.MUTANTS,
    *undo.MUTANTS,
    *report.MUTANTS,
    *limits.MUTANTS,
    *local.MUTANTS,
)
