"""What can go wrong in the job, a class each; a file's own faults are `contracts.files.reasons.FileRejected`."""

from contracts.printable import printable_lines


class JobError(Exception):
    """The job cannot go on; the message is what people see in the task and in the mail."""

    def __str__(self) -> str:
        return printable_lines(super().__str__())


class TaskFailedError(JobError):
    """Something that the job does not know went wrong; what was said of it is withheld."""


class WrongParametersError(JobError):
    """The job was started with parameters that it cannot use."""


class EngineUnreachableError(JobError):
    """Nothing answers where the engine should be."""


class VolumeMissingError(JobError):
    """The lake is not where the parameters say."""


class LinkedFolderError(JobError):
    """A folder of the lake is a link, which may lead anywhere; nothing is read or written through it."""


class NamedFileMissingError(JobError):
    """The file that the run was started for is not in the lake that the job sees."""


class EngineLostError(JobError):
    """The engine, or the session on it, went away in the middle of the work."""


class CommitConflictError(JobError):
    """Another session changed the table at the same moment; nothing was written, and a second try may succeed."""


class ConservationError(JobError):
    """Rows were lost or doubled on the way; the files stay unmerged, and nothing is entered as done."""


class StagedRowsDifferError(ConservationError):
    """Staged files have other rows in the stage table than were staged; they stay unmerged, all others are merged."""


class StagedOtherwiseError(JobError):
    """Files were staged under another version of the contract, which read their rows otherwise."""


class TableDiffersError(JobError):
    """A table was made by other rules or types than the contract's; nothing was written."""


class RebuildMissingError(JobError):
    """The new tables of a feed are not there, or not whole; its own are as they were."""


class SwapRefusedError(JobError):
    """The new tables would lose files, and nobody has said that they may; nothing was changed."""


class ReadFailedError(JobError):
    """A file could not be read or judged; it counts against the file."""


class FileMovedError(JobError):
    """A file left source/ while it was being read; it says nothing about the file."""


class OperationRefusedError(JobError):
    """What the run was told to do cannot be done with these files; nothing was begun."""


class OriginalMissingError(JobError):
    """Rows that are in no table any more are needed, and their file is not in the lake."""


class OriginalDiffersError(JobError):
    """Rows that are in no table any more are needed, and their file is read otherwise than when it was loaded."""


class WarehouseUnreachableError(JobError):
    """BigQuery gave no answer, or none but passing troubles; the next publish brings what this one did not."""


class WarehouseRefusedError(JobError):
    """BigQuery said no: a right, a dataset, a statement; nothing of it has come to stay.

    `reason` is BigQuery's own word for it, such as `accessDenied`; empty where it was not asked.
    """

    reason = ""


class PublishedOtherwiseError(JobError):
    """The published table has not the target's columns, and they are not the job's to change."""


class PublishedRowsDifferError(JobError):
    """The published table has not as many rows as the target that it stands for."""


class NotAllWellError(JobError):
    """The report is red: its text is what people are told."""
