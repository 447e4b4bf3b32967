"""The control loop inside a temperature controller: samples its input, computes its output. degC, output 0 to 1."""

import math
from collections.abc import Callable

from .settings import ControllerSettings

#: The derivative sees the measured value through a low pass of this part of its own time.
SMOOTHING = 1.0 / 20.0


class Regulator:
    """A PID with the derivative on the smoothed measured value and an integral that stops at the output's ends.

    Attributes:
        measured: degC, last sample; the last good one after the sensor has broken.
        broken: the sensor is open (its source tells NaN).
        output: 0 to 1, what the heater gets.
        manual: 0 to 1, output by hand; None: automatic.
        off: the output is switched off, whatever the loop says.
        period: s between two samples.
    """

    def __init__(
        self, settings: ControllerSettings, temperature: Callable[[], float], period: float
    ) -> None:
        self.measured = math.nan
        self.broken = False
        self.output = 0.0
        self.manual: float | None = None
        self.off = False
        self.period = period
        self.band = settings.band_k
        self.integral = settings.integral_s
        self.derivative = settings.derivative_s
        self._temperature = temperature
        self._next = 0.0
        self._sum = 0.0
        self._slope = 0.0

    def advance(self, now: float, set_point: Callable[[float], float]) -> None:
        """Take all samples that are due; ``set_point`` is asked once a sample, with the time that passed (s)."""
        while self._next <= now:
            self._next += self.period
            self._sample(set_point(self.period))

    def restart(self) -> None:
        """Forget the past, as after switching on."""
        self._sum = self._slope = self.output = 0.0

    def _sample(self, wanted: float) -> None:
        before, value = self.measured, self._temperature()
        self.broken = math.isnan(value)
        if self.broken:
            self._sum = self._slope = self.output = 0.0
            return
        self.measured = value
        if not math.isnan(before):
            share = self.period / (self.period + SMOOTHING * self.derivative)
            self._slope += ((value - before) / self.period - self._slope) * share
        if self.off:
            self._sum = self.output = 0.0
        elif self.manual is not None:
            self.output = self._sum = self.manual
        else:
            self._control(wanted - value)

    def _control(self, error: float) -> None:
        share = (error - self.derivative * self._slope) / self.band
        if self.integral > 0.0:
            step = error / self.band * self.period / self.integral
            if not (share + self._sum > 1.0 and step > 0.0) and not (
                share + self._sum < 0.0 and step < 0.0
            ):
                self._sum += step
        self.output = min(1.0, max(0.0, share + self._sum))


class Ramp:
    """A set-point that may follow another one at a limited rate.

    Attributes:
        value: degC, where it is now; NaN before the first step.
    """

    def __init__(self) -> None:
        self.value = math.nan

    def follow(self, wanted: float, rate: float, seconds: float, start: float) -> float:
        """Move towards ``wanted`` for so long, at most at ``rate`` (K/s, 0: at once), from ``start`` at first."""
        if rate <= 0.0:
            self.value = wanted
            return wanted
        here = start if math.isnan(self.value) else self.value
        if math.isnan(here):
            here = wanted
        most = rate * seconds
        self.value = here + min(most, max(-most, wanted - here))
        return self.value
