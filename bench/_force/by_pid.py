"""What a user would write with the library simple-pid: one loop of the force, for each way to move a press.

- velocity: the loop's output is the ram's velocity.
- force: the target goes to the press's own loop, which ramps to it; the output is a trim on top of it.
- pump_and_valve: a positive output runs the pump, a negative one opens the valve.

With a ramp the set-point leads to the target at the asked rate and the integral stands meanwhile; without one it is
stepped. The output, and with it the library's integral, is clamped.
"""

from collections.abc import Callable
from dataclasses import dataclass

from simple_pid import PID

from stackpress_py.control.law import ForceMove, HydraulicMove, Move, VelocityMove

from .machine import PERIOD


@dataclass(frozen=True)
class Gains:
    """Proportional, integral and derivative part per N, and the largest output."""

    proportional: float
    integral: float
    derivative: float
    limit: float


#: Tuned by hand on the mid case, Li6PS5Cl on a frame of 50 kN/mm, by scans of proportional and integral part, the
#: derivative one at 0 and at a tenth of a second: kept was what overshoots least among what arrives soonest, and for
#: velocity among the equals what holds best while platens heat.
GAINS = {
    ("velocity", False): Gains(2.5e-7, 5.0e-9, 0.0, 2e-3),
    ("velocity", True): Gains(1.5e-7, 3.0e-7, 0.0, 2e-3),
    ("force", False): Gains(0.2, 0.5, 0.0, 500.0),
    ("force", True): Gains(0.2, 0.5, 0.0, 500.0),
    ("pump_and_valve", False): Gains(1e-3, 1e-4, 0.0, 1.0),
    ("pump_and_valve", True): Gains(1e-3, 1e-3, 0.0, 1.0),
}


class PidLoop:
    """The library's controller with what a user puts around it.

    Args:
        actuation: how the press is moved.
        ramp: the set-point ramps.

    Attributes:
        setpoint: N.
    """

    def __init__(self, actuation: str, ramp: bool) -> None:
        gains = GAINS[actuation, ramp]
        limits = (-gains.limit, gains.limit)
        parts = (gains.proportional, gains.integral, gains.derivative)
        self._pid = PID(*parts, sample_time=None, output_limits=limits)
        self._integral = gains.integral
        self._ramp = ramp
        moves: dict[str, Callable[[float], Move]] = {
            "velocity": VelocityMove,
            "force": self._trimmed,
            "pump_and_valve": _pump_or_valve,
        }
        self._move = moves[actuation]
        self._target = self._rate = 0.0
        self.setpoint = 0.0

    def restart(self, force: float) -> None:
        """Stand at a force (N)."""
        self.setpoint = force

    def step(self, force: float, target: float, rate: float) -> Move:
        """Return what to command for a force (N), on the way to a target (N) at a rate (N/s)."""
        self._target, self._rate = target, rate
        self._lead(target, rate)
        self._pid.setpoint = self.setpoint
        output = self._pid(force, dt=PERIOD)
        assert output is not None
        return self._move(output)

    def _lead(self, target: float, rate: float) -> None:
        step = rate * PERIOD if self._ramp else float("inf")
        change = target - self.setpoint
        self.setpoint += max(-step, min(step, change))
        if self._ramp:
            # While the set-point moves the lag behind it is no error that should be integrated.
            self._pid.Ki = self._integral if self.setpoint == target else 0.0

    def _trimmed(self, output: float) -> Move:
        return ForceMove(max(0.0, self.setpoint + output), self._rate)


def _pump_or_valve(output: float) -> Move:
    return HydraulicMove(max(0.0, output), max(0.0, -output))
