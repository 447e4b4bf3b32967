"""The temperature law of a platen with a controller of its own: it gets the set-point, in steps, and is watched.

As in :mod:`stackpress_py.control.thermal` the set-point ramps and waits while the platen is far behind, so that a weak
heater makes the ramp longer and not the soak shorter. What is sent moves in steps, because many controllers keep each
set-point in a memory that wears out. Temperatures in degrees Celsius, differences in K.
"""

import math
from dataclasses import dataclass

from stackpress_py.control.reference import Reference, clamp
from stackpress_py.control.thermal import LONGEST_GAP, LONGEST_STEP, ThermalStage

#: s in which the set-point builds up its full rate.
BUILD_UP_TIME = 6.0
#: The set-point waits for a platen that is farther behind than this many K, or than it changes in this many s: a
#: controller lags a ramp by about the time constant of its platen.
HOLDBACK = 3.0
LAG = 60.0


@dataclass(frozen=True, slots=True)
class SetpointLimits:
    """What may be sent to a controller.

    Attributes:
        coolest, hottest: degC.
        step: K, smallest change that is worth a write; > 0.
    """

    coolest: float
    hottest: float
    step: float


@dataclass(frozen=True, slots=True)
class SetpointOutput:
    """One step of the law.

    Attributes:
        command: degC, what to send; NaN: nothing, the controller shall be off.
        stage: what the law is doing.
        target, setpoint: degC; NaN without target.
        lost: one sentence if the law gave up and switched off in this step; else empty.
    """

    command: float
    stage: ThermalStage
    target: float
    setpoint: float
    lost: str = ""


class ThermalSetpointLaw:
    """The law of one platen. Commands change the target; :meth:`step` answers each measurement."""

    def __init__(self, limits: SetpointLimits) -> None:
        self.limits = limits
        self.stage = ThermalStage.IDLE
        self._target = math.nan
        self._rate = 0.0
        self._reference = Reference(0.0)
        self._sent = math.nan
        self._last: tuple[float, float] | None = None

    @property
    def setpoint(self) -> float:
        """Present set-point in degC; NaN without target."""
        return math.nan if self.stage is ThermalStage.IDLE else self._reference.value

    @property
    def heated(self) -> None:
        """The controller's power is not known."""
        return None

    def regulate(self, temperature: float, rate: float) -> None:
        """Ramp to ``temperature`` (degC) at no more than ``rate`` (K/s, > 0) and hold it.

        Raises:
            ValueError: not finite, beyond the limits, or rate not above 0.
        """
        limits = self.limits
        if not (limits.coolest <= temperature <= limits.hottest and 0.0 < rate < math.inf):
            raise ValueError(
                f"temperature {temperature} degC must lie in {limits.coolest:g} to"
                f" {limits.hottest:g} degC, and rate {rate} K/s must be finite and above 0"
            )
        if self.stage is ThermalStage.IDLE:
            present = temperature if self._last is None else self._last[1]
            # A room may be colder than anything that may be sent.
            self._reference.restart(clamp(present, limits.coolest, limits.hottest))
            self._sent = self._reference.value
        self._target, self._rate = temperature, rate
        self.stage = ThermalStage.RAMP

    def hold_present(self) -> None:
        """Hold the present set-point; without one nothing changes."""
        if self.stage is not ThermalStage.IDLE:
            self._target = self._reference.value
            self._reference.restart(self._target)

    def off(self) -> None:
        """Switch the controller off."""
        self.stage = ThermalStage.IDLE
        self._target = self._sent = math.nan

    def step(self, now: float, temperature: float, surroundings: float) -> SetpointOutput:
        """Answer one measurement.

        Args:
            now: s.
            temperature: degC of the platen.
            surroundings: degC; the platen's own controller takes care of the losses.
        """
        last = self._last
        lost = self._why_lost(now, last)
        if lost:
            self.off()
        if math.isfinite(temperature):
            self._last = (now, temperature)
            if self.stage is not ThermalStage.IDLE and last is not None and now > last[0]:
                self._go_on(min(now - last[0], LONGEST_STEP), temperature)
        # While the temperature is not known the controller, which knows it, keeps what it has.
        return SetpointOutput(self._sent, self.stage, self._target, self.setpoint, lost)

    def _why_lost(self, now: float, last: tuple[float, float] | None) -> str:
        if self.stage is ThermalStage.IDLE or last is None or now - last[0] <= LONGEST_GAP:
            return ""
        return f"no temperature for {now - last[0]:.1f} s: check the thermocouple and the bus"

    def _go_on(self, dt: float, temperature: float) -> None:
        reference, target, rate = self._reference, self._target, self._rate
        error = reference.value - temperature
        holdback = max(HOLDBACK, LAG * rate)
        waiting = abs(error) > holdback and error * (target - reference.value) > 0.0
        reference.step(dt, target, 0.0 if waiting else rate, rate / BUILD_UP_TIME)
        standing = reference.rate == 0.0 and reference.value == target
        self.stage = ThermalStage.HOLD if standing else ThermalStage.RAMP
        # The steps end at the target: a last one that is too small would never be written.
        steps = math.floor(abs(target - reference.value) / self.limits.step + 1e-9)
        wanted = target - math.copysign(steps * self.limits.step, target - reference.value)
        wanted = clamp(wanted, self.limits.coolest, self.limits.hottest)
        if standing or abs(wanted - self._sent) >= 0.999 * self.limits.step:
            self._sent = wanted
