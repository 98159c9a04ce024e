"""What starts a job beside run-now: the clock, or files that arrive. A job has one of them at most."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LEAST_SECONDS = 60
"""The least that the Jobs API takes for either wait of a file arrival trigger."""


class WrongTriggerError(ValueError):
    """A trigger is not one that the Jobs API takes."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The clock: each run loads whatever waits in source/. `cron` is a Quartz expression, its seconds first."""

    cron: str
    time_zone: str

    @classmethod
    def parse(cls, cron: str, time_zone: str) -> "Schedule":
        """Raises WrongTriggerError for what is no Quartz expression by its fields, or no IANA time zone."""
        problems = _problems_of_cron(cron.split())
        try:
            ZoneInfo(time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            problems.append(f"{time_zone!r} is no IANA time zone, such as UTC or Europe/Berlin")
        if problems:
            raise WrongTriggerError("; ".join(problems))
        return cls(" ".join(cron.split()), time_zone)

    def settings(self) -> dict[str, object]:
        """As `schedule` of jobs/create."""
        return {
            "quartz_cron_expression": self.cron,
            "timezone_id": self.time_zone,
            "pause_status": "UNPAUSED",
        }


@dataclass(frozen=True, slots=True)
class FileArrival:
    """New files below source/ of the volume, looked for about every minute.

    `seconds_between` runs at least; `seconds_of_quiet` after the last file before a run begins. 0 is no wait, else
    they are 60 or more: https://docs.databricks.com/gcp/en/jobs/file-arrival-triggers
    """

    seconds_between: int = 0
    seconds_of_quiet: int = 0

    def __post_init__(self) -> None:
        """Raises WrongTriggerError for a wait that is shorter than the Jobs API takes."""
        if any(0 != seconds < LEAST_SECONDS for seconds in (self.seconds_between, self.seconds_of_quiet)):
            raise WrongTriggerError(f"a file arrival trigger waits {LEAST_SECONDS} seconds or more, or 0 for no wait")

    def settings(self, volume_root: str) -> dict[str, object]:
        """As `trigger` of jobs/create, for the volume's folder."""
        # The slash at the end is demanded: without it the path counts as a file.
        watched: dict[str, object] = {"url": f"{volume_root}/source/"}
        if self.seconds_between:
            watched["min_time_between_triggers_seconds"] = self.seconds_between
        if self.seconds_of_quiet:
            watched["wait_after_last_change_seconds"] = self.seconds_of_quiet
        return {"pause_status": "UNPAUSED", "file_arrival": watched}


def _problems_of_cron(fields: list[str]) -> list[str]:
    # https://www.quartz-scheduler.org/documentation/quartz-2.3.0/tutorials/crontrigger.html
    if len(fields) not in (6, 7):
        return [f"a Quartz expression has 6 or 7 fields, the seconds first, not {len(fields)}: '0 0 * * * ?' is hourly"]
    if (fields[3] == "?") == (fields[5] == "?"):
        return ["a Quartz expression has a ? for the day of the month or for the day of the week, and not for both"]
    return []
