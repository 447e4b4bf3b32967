"""Who is compared: our law, and what a user would otherwise write with the library simple-pid.

All approach the sample in the same way; the library's controllers take over at the first contact. They were tuned by
hand on the mid case, Li6PS5Cl on a frame of 50 kN/mm: their gains were scanned on a grid (proportional part 0.03 to
0.3 um/s/N, integral part 0.1 to 2 times that, derivative 0 and a tenth) and the ones kept that settle soonest among
those that overshoot least.
"""

from typing import Protocol

from simple_pid import PID

from stackpress_py.control.force import ForceController
from stackpress_py.control.law import ForceSample, Stage

from .machine import PERIOD, Case, force_tuning

#: Proportional, integral and derivative part: m/s per N, m/s^2 per N, m per N.
GAINS = {"simple_pid": (2.5e-7, 5.0e-9, 0.0), "simple_pid_ramp": (1.5e-7, 3.0e-7, 0.0)}


class Contender(Protocol):
    """A controller of the ram's velocity.

    Attributes:
        lost: why it gave up; empty: it did not.
        holding: its set-point stands at the target.
    """

    lost: str
    holding: bool

    def press(self, force: float, rate: float) -> None:
        """Go to a force (N) at a rate (N/s)."""

    def step(self, sample: ForceSample) -> float:
        """Return the velocity (m/s) for a sample."""


class Ours:
    """The law as a user gets it."""

    def __init__(self, case: Case) -> None:
        self.law = ForceController(force_tuning(case))
        self.lost, self.holding = "", False

    def press(self, force: float, rate: float) -> None:
        """Go to a force (N) at a rate (N/s)."""
        self.law.press(force, rate)
        self.holding = False

    def step(self, sample: ForceSample) -> float:
        """Return the velocity (m/s) for a sample."""
        output = self.law.step(sample)
        self.lost = self.lost or output.lost
        self.holding = output.stage is Stage.HOLD
        return output.velocity


class SimplePid:
    """A PID controller of the force; with ``ramp`` its set-point ramps, and its integral is held meanwhile."""

    def __init__(self, case: Case, ramp: bool) -> None:
        tuning = force_tuning(case)
        self._approach = ForceController(tuning)
        limit = tuning.press_velocity
        gains = GAINS["simple_pid_ramp" if ramp else "simple_pid"]
        self._integral = gains[1]
        self._pid = PID(*gains, sample_time=None, output_limits=(-limit, limit))
        self._ramp = ramp
        self._contact = False
        self._target = self._rate = 0.0
        self.lost, self.holding = "", False

    def press(self, force: float, rate: float) -> None:
        """Go to a force (N) at a rate (N/s)."""
        self._target, self._rate = force, rate
        self.holding = False
        if not self._contact:
            self._approach.press(force, rate)

    def step(self, sample: ForceSample) -> float:
        """Return the velocity (m/s) for a sample."""
        if not self._contact:
            output = self._approach.step(sample)
            self._contact = output.stage is Stage.RAMP
            self._pid.setpoint = max(0.0, sample.force)
            return output.velocity
        self._lead()
        velocity = self._pid(sample.force, dt=PERIOD)
        assert velocity is not None
        return velocity

    def _lead(self) -> None:
        step = self._rate * PERIOD if self._ramp else float("inf")
        change = self._target - self._pid.setpoint
        self._pid.setpoint += max(-step, min(step, change))
        self.holding = self._pid.setpoint == self._target
        if self._ramp:
            # While the set-point moves the lag behind it is no error that should be integrated.
            self._pid.Ki = self._integral if self.holding else 0.0


NAMES = ("ours", "simple_pid", "simple_pid_ramp")


def contender(name: str, case: Case) -> Contender:
    """Return one by name."""
    return Ours(case) if name == "ours" else SimplePid(case, name == "simple_pid_ramp")
