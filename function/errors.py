"""What can go wrong in the functions, one class per cause; a file's own faults are `contracts.files.reasons`."""

from contracts.printable import printable


class ConfigurationError(ValueError):
    """The environment does not describe a working function; `problems` names everything that is wrong with it."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("The function cannot start:\n" + "\n".join(f"- {printable(problem)}" for problem in problems))
        self.problems = problems


class MalformedEvent(ValueError):
    """The event describes no finalized object, and no redelivery of it will; `problems` says what is wrong."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class DeadlineNear(TimeoutError):
    """Too little time is left for another call, so the rest is left to the next delivery."""


class GenerationGone(LookupError):
    """This generation is not in landing any more: it was admitted, rejected or deleted before."""


class NothingToCopy(LookupError):
    """The copy found no source or no destination: the generation has gone, or a bucket is missing."""


class CopyDiffers(RuntimeError):
    """Another content stands where this generation's copy belongs."""


class DeleteRefused(RuntimeError):
    """The object may not be deleted: it is under a hold or a retention policy, or the right to delete it is missing."""

    def __init__(self, what: str) -> None:
        super().__init__(f"under a hold or a retention policy, or the right storage.objects.delete is missing: {what}")


class RunRefused(RuntimeError):
    """The workspace refused to start the run: the token's run was deleted, or the job is not what it should be."""


class RunNotConfirmed(RuntimeError):
    """No run could be found or started that is sure to list the file."""


class WorkspaceFailed(RuntimeError):
    """The workspace did not answer as it should; the cause says how."""


class SweepIncomplete(RuntimeError):
    """Some objects or feeds could not be swept; the log names each of them, and the next sweep tries again."""
