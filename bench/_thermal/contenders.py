"""Who is compared: our law, and what a user would otherwise write with the library simple-pid. One for each platen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from simple_pid import PID

from stackpress_py.control.thermal import ThermalController, ThermalTuning

from .plants import PERIOD


class Contender(Protocol):
    """A controller of one platen.

    Attributes:
        lost: why it gave up; empty: it did not.
    """

    lost: str

    @property
    def setpoint(self) -> float:
        """Present set-point, degC."""

    def regulate(self, temperature: float, rate: float) -> None:
        """Go to a temperature (degC) at a rate (K/s)."""

    def step(self, now: float, temperature: float, surroundings: float) -> float:
        """Return the power (-1..1) for a measurement: s, degC, degC."""


class Ours:
    """The law as a user gets it."""

    def __init__(self, tuning: ThermalTuning) -> None:
        self._law = ThermalController(tuning)
        self.lost = ""

    @property
    def setpoint(self) -> float:
        """Present set-point, degC."""
        return self._law.setpoint

    def regulate(self, temperature: float, rate: float) -> None:
        """Go to a temperature (degC) at a rate (K/s)."""
        self._law.regulate(temperature, rate)

    def step(self, now: float, temperature: float, surroundings: float) -> float:
        """Return the power (-1..1) for a measurement: s, degC, degC."""
        output = self._law.step(now, temperature, surroundings)
        self.lost = self.lost or output.lost
        return output.power


@dataclass(frozen=True)
class Gains:
    """Proportional, integral and derivative part: 1/K, 1/(K s), s/K."""

    proportional: float
    integral: float
    derivative: float


#: Tuned by hand on the reference platens in contact and apart, by scans of all three parts: of what overshoots least
#: (step) or strays least (ramp), what arrives soonest.
STEP_GAINS = Gains(0.2, 4e-5, 0.8)
RAMP_GAINS = Gains(0.25, 4e-4, 0.1)


class SimplePid:
    """The library's controller; its output, and with it its integral, is clamped.

    Args:
        gains: of the controller.
        ramp: the set-point ramps; else it is stepped, and what counts as set-point is the ramp that was asked for.
    """

    def __init__(self, gains: Gains, ramp: bool) -> None:
        parts = (gains.proportional, gains.integral, gains.derivative)
        self._pid = PID(*parts, sample_time=None, output_limits=(-1.0, 1.0))
        self._ramp = ramp
        self._target = self._rate = self._last = 0.0
        self._active = False
        self.setpoint = 0.0
        self.lost = ""

    def regulate(self, temperature: float, rate: float) -> None:
        """Go to a temperature (degC) at a rate (K/s)."""
        self._target, self._rate, self.setpoint = temperature, rate, self._last
        self._active = True

    def step(self, now: float, temperature: float, surroundings: float) -> float:
        """Return the power (-1..1) for a measurement: s, degC, degC."""
        self._last = temperature
        if not self._active:
            return 0.0
        self.setpoint = min(self._target, self.setpoint + self._rate * PERIOD)
        self._pid.setpoint = self.setpoint if self._ramp else self._target
        output = self._pid(temperature, dt=PERIOD)
        assert output is not None
        return output


CONTENDERS: dict[str, Callable[[ThermalTuning], Contender]] = {
    "ours": Ours,
    "simple_pid": lambda tuning: SimplePid(STEP_GAINS, ramp=False),
    "simple_pid_ramp": lambda tuning: SimplePid(RAMP_GAINS, ramp=True),
}
