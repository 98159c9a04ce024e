"""What can go wrong in the job, a class each; a file's own faults are `contracts.files.reasons.FileRejected`."""


class JobError(Exception):
    """The job cannot go on; the message is what people see in the task and in the mail."""


class WrongParametersError(JobError):
    """The job was started with parameters that it cannot use."""


class EngineUnreachableError(JobError):
    """Nothing answers where the engine should be."""


class VolumeMissingError(JobError):
    """The lake is not where the parameters say."""


class NamedFileMissingError(JobError):
    """The file that the run was started for is not in the lake that the job sees."""


class ConservationError(JobError):
    """Rows were lost or doubled on the way; the tables have been put back as they were."""


class TableDiffersError(JobError):
    """A table has a column of another type than the contract; nothing was written."""


class ReadFailedError(JobError):
    """A file could not be read or judged; it counts against the file."""


class NotAllWellError(JobError):
    """The report is red: its text is what people are told."""
