"""The course of one target, pressure or temperature: reached, held for its time, or not in time."""

from dataclasses import dataclass
from enum import Enum

from stackpress_py.account import HoldAccount


class JobState(Enum):
    """Where a job stands."""

    RUNNING = "running"
    DONE = "done"
    TIMED_OUT = "timed out"


@dataclass(frozen=True, slots=True)
class JobLimits:
    """When a job is done, and when it has failed: s in tolerance to hold, s until it must have been reached."""

    duration: float
    timeout: float


class Job:
    """One target with its account; fed with every sample.

    Args:
        account: account of the target, not yet fed.
        limits: duration and time-out.
        begin: s, when the command was given.
    """

    def __init__(self, account: HoldAccount, limits: JobLimits, begin: float) -> None:
        self.account = account
        self.limits = limits
        self.begin = begin
        self.state = JobState.RUNNING

    @property
    def remaining(self) -> float:
        """Seconds in tolerance that are still to be passed."""
        return max(0.0, self.limits.duration - self.account.time_in_tolerance)

    def update(self, value: float, now: float) -> JobState:
        """Take a sample and return the state; a job that has ended takes no more samples."""
        if self.state is not JobState.RUNNING:
            return self.state
        self.account.update(value, now)
        if self.account.reached and self.remaining <= 0.0:
            self.state = JobState.DONE
        elif not self.account.reached and now - self.begin > self.limits.timeout:
            self.state = JobState.TIMED_OUT
        return self.state
