"""What a person can put right: each is one clear line on standard error and exit code 2."""

from pathlib import Path


class CannotStart(Exception):
    """The local stack cannot do what was asked as things are."""


class PortInUse(CannotStart):
    """Somebody else listens on a port of the stack."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} is in use: end what listens there, or choose others with --port")


class AlreadyRunning(CannotStart):
    """Another process keeps a stack on the same folder."""

    def __init__(self, root: Path) -> None:
        super().__init__(f"a stack is already running on {root}: end it first, or choose another folder with --root")


class RootUnusable(CannotStart):
    """The folder cannot keep a stack."""

    def __init__(self, root: Path, why: str) -> None:
        super().__init__(f"cannot keep a stack in {root}: {why}")


class NotRunning(CannotStart):
    """A command needs a stack, and there is none on the folder."""

    def __init__(self, root: Path) -> None:
        super().__init__(f"no stack is running on {root}: start one with python -m local up")


class ChildEnded(CannotStart):
    """A process of the stack ended before it was ready; its last words say why."""

    def __init__(self, name: str, log: Path, last_words: str) -> None:
        super().__init__(f"{name} did not start, see {log}: {last_words}")


class NotReadyInTime(CannotStart):
    """A process of the stack runs but does not answer."""

    def __init__(self, name: str, seconds: float, log: Path) -> None:
        super().__init__(f"{name} does not answer after {seconds:g} s, see {log}")


class NoSpark(CannotStart):
    """Apache Spark with Delta Lake is not installed."""

    def __init__(self) -> None:
        super().__init__("Apache Spark is not installed here: run `make spark` (it needs Java 17 and Maven)")


class NoDuckDb(CannotStart):
    """What the local BigQuery runs its statements on is not installed."""

    def __init__(self) -> None:
        super().__init__("the local BigQuery needs DuckDB, which is not installed here: run `make readers`")


class CannotAnswer(CannotStart):
    """The engine refuses a query; its own sentence says why."""


class NoSuchFile(CannotStart):
    """A file that was named is not there."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"there is no file {path}")


class NoSuchFolder(CannotStart):
    """A folder that was named is not there."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"there is no folder {path}")


class NotQuiet(Exception):
    """The pipeline has not come to rest; it names what still waits."""

    def __init__(self, seconds: float, waiting: list[str]) -> None:
        super().__init__(f"not quiet after {seconds:g} s; still waiting: {', '.join(waiting[:5])}")
