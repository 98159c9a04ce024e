"""`make fuzz`: inputs drawn at random, for some minutes; whatever is at fault is shown as short as it gets."""

import argparse
import sys
import time
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.database import DirectoryBasedExampleDatabase

from .target import Target
from .targets import TARGETS

_AT_A_TIME = 200
_SLOW = 1.0
"""Seconds of work, not of waiting, that one input may take."""
_KEPT = Path(".hypothesis") / "fuzz"


class Slow(AssertionError):
    """It ended well, and took too long."""


def main() -> int:
    """0 where nothing was at fault."""
    asked = _parser().parse_args()
    wanted = [target for target in TARGETS if not asked.targets or target.name in asked.targets]
    first = Random().randrange(10**6) if asked.seed is None else asked.seed
    faults = [_fuzz(target, 60 * asked.minutes / len(wanted), first) for target in wanted]
    return 1 if any(faults) else 0


def _fuzz(target: Target, seconds: float, number: int) -> bool:
    """Whether something was at fault; a target ends with its first fault."""
    began, tried = time.monotonic(), 0
    with TemporaryDirectory(prefix="fuzz-") as folder, target.opened(Path(folder)) as attempt:

        def timed(value: object) -> None:
            nonlocal tried
            at = time.process_time()
            attempt(value)
            tried += 1
            if time.process_time() - at > _SLOW:
                raise Slow(f"took {time.process_time() - at:.1f} s")

        for value in target.kept:
            timed(value)
        while time.monotonic() - began < seconds:
            drawn = settings(
                max_examples=_AT_A_TIME,
                deadline=None,
                database=DirectoryBasedExampleDatabase(_KEPT),
                phases=(Phase.reuse, Phase.generate, Phase.shrink),
                suppress_health_check=[*HealthCheck],
            )
            try:
                seed(number)(drawn(given(target.inputs)(timed)))()
            except Exception as error:  # noqa: BLE001  # whatever it is, it is what was looked for
                _say(f"\n{target.name}, SEED={number}, after {tried} inputs: {error!r}\n" + "\n".join(_story(error)))
                return True
            number += 1
            _say(f"\r{target.name}: {tried} inputs in {time.monotonic() - began:.0f} s, nothing at fault")
    _say("\n")
    return False


def _story(error: BaseException) -> list[str]:
    return [*getattr(error, "__notes__", []), ""]


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(t.name for t in TARGETS)} (all)")
    parser.add_argument("--minutes", type=float, default=5.0, help="in all (%(default)s)")
    parser.add_argument("--seed", type=int, help="that of an earlier call (by chance)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
