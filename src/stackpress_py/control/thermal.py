"""The temperature loop of one platen: ramp, hold with holdback, heating and cooling by one signed power.

As in the force loop, a reference is fed forward (heat capacity times ramp, losses to the surroundings) and feedback
compares the measurement with the reference of one lag ago. Capacity, losses and lag are learned
(:mod:`stackpress_py.control.heat_balance`); until they are known the reference starts slowly, and with less power than
the tuning says. The reference waits while the platen is behind, so a weak heater makes the ramp longer and not the
soak shorter.

Between power and reading lie the heating element, the plate and the thermocouple. It is the plate that shall be at the
set-point, so what is told as set-point is the reference as late as the plate is.

Temperatures in degrees Celsius, differences in K, power in W; the output is the signed fraction -1..1.
"""

import math
from dataclasses import dataclass
from enum import IntEnum

from stackpress_py.control.heat_balance import HeatBalance
from stackpress_py.control.heater_watch import Heated
from stackpress_py.control.reference import Delay, Reference, clamp

#: s; a longer time without a known temperature switches the platen off for good.
LONGEST_GAP = 1.0
#: s by which the reference moves at most from one sample to the next: the heater was off in a longer gap.
LONGEST_STEP = 0.3
#: Bandwidth of the closed loop, as a part of that at which a platen with this lag would begin to oscillate,
#: pi / (2 * lag); and rate of the integral as a part of the bandwidth.
BANDWIDTH = 0.3
INTEGRAL = 0.1
#: s in which the reference builds up its full rate, and in which it comes to rest.
BUILD_UP_TIME = 10.0
#: K behind the reference at which it slows down, and at which it stands.
SLOW, HOLDBACK = 0.3, 0.8
#: Part of the lag that lies between heater and plate; the rest is the thermocouple's.
HEATER_SHARE = 0.25
#: Part of the heater's power that a ramp and the losses may take: the rest is for feedback.
RAMP_SHARE = 0.97


class ThermalStage(IntEnum):
    """What the loop is doing; numbers as in LoopState."""

    IDLE = 0
    RAMP = 2
    HOLD = 3


@dataclass(frozen=True, slots=True)
class ThermalTuning:
    """Constants of the loop and of one platen.

    Attributes:
        heat_capacity: J/K.
        loss: W/K to the surroundings.
        heater_power: W at output 1.
        cooling_conductance: W/K to the coolant at output -1.
        coolant_temperature: degC.
        dead_time: s from power to its effect in the measured temperature, lag of the sensor included.
    """

    heat_capacity: float
    loss: float
    heater_power: float
    cooling_conductance: float
    coolant_temperature: float
    dead_time: float


@dataclass(frozen=True, slots=True)
class ThermalOutput:
    """One step: signed power -1..1, stage, target and set-point in degC (NaN without), lost: why it gave up."""

    power: float
    stage: ThermalStage
    target: float
    setpoint: float
    lost: str = ""

    @property
    def command(self) -> float:
        """What to command: the power."""
        return self.power


class ThermalController:
    """The temperature loop of one platen. Commands change the target; :meth:`step` answers each measurement."""

    def __init__(self, tuning: ThermalTuning) -> None:
        self.tuning = tuning
        self.stage = ThermalStage.IDLE
        self._target = math.nan
        self._rate = 0.0
        self._reference = Reference(0.0)
        self._delay = Delay(tuning.dead_time)
        self._plate_delay = Delay(HEATER_SHARE * tuning.dead_time)
        self._setpoint = math.nan
        self._balance = HeatBalance(tuning.heat_capacity, tuning.loss, tuning.dead_time)
        self._power = 0.0
        self._integral = 0.0
        self._last: tuple[float, float] | None = None

    def regulate(self, temperature: float, rate: float) -> None:
        """Ramp to ``temperature`` (degC) at no more than ``rate`` (K/s, > 0) and hold it.

        Raises:
            ValueError: not finite, or rate not above 0.
        """
        if not (math.isfinite(temperature) and math.isfinite(rate) and rate > 0.0):
            raise ValueError(
                f"temperature {temperature} degC and rate {rate} K/s must be finite, and the rate above 0"
            )
        if self.stage is ThermalStage.IDLE:
            self._reference.restart(temperature if self._last is None else self._last[1])
            self._delay.restart()
            self._plate_delay.restart()
            self._setpoint = self._reference.value
            self._integral = 0.0
        self._target, self._rate = temperature, rate
        self.stage = ThermalStage.RAMP

    def hold_present(self) -> None:
        """Hold the present set-point; without one nothing changes."""
        if self.stage is not ThermalStage.IDLE:
            self._target = self._reference.value
            self._reference.restart(self._target)

    def off(self) -> None:
        """Switch heating and cooling off."""
        self.stage = ThermalStage.IDLE
        self._target = math.nan
        self._integral = 0.0

    def step(self, now: float, temperature: float, surroundings: float) -> ThermalOutput:
        """Answer one measurement.

        Args:
            now: s.
            temperature: degC of the platen.
            surroundings: degC, what the losses go to.
        """
        last = self._last
        lost = self._why_lost(now, last)
        if lost:
            self.off()
        if not math.isfinite(temperature):
            # One lost answer of the bus is no reason to give up: no power until the next.
            return ThermalOutput(0.0, self.stage, self._target, self.setpoint, lost)
        self._last = (now, temperature)
        if last is not None and now > last[0]:
            self._learn(now, now - last[0], temperature, surroundings)
        if self.stage is ThermalStage.IDLE or last is None or now <= last[0]:
            self._power = 0.0
            return ThermalOutput(0.0, self.stage, self._target, self.setpoint, lost)
        power = self._regulate(min(now - last[0], LONGEST_STEP), now, temperature, surroundings)
        return ThermalOutput(power, self.stage, self._target, self.setpoint)

    @property
    def setpoint(self) -> float:
        """Present set-point in degC; NaN without target."""
        return math.nan if self.stage is ThermalStage.IDLE else self._setpoint

    @property
    def heated(self) -> Heated:
        """What the platen is given now, and what is known of it."""
        tuning, balance = self.tuning, self._balance
        power = self._power * tuning.heater_power
        if power < 0.0 and self._last is not None:
            drop = self._last[1] - tuning.coolant_temperature
            power = self._power * tuning.cooling_conductance * max(0.0, drop)
        gain = 1.0 / tuning.heat_capacity
        return Heated(
            power,
            balance.gain,
            balance.rate,
            balance.lag,
            gain,
            tuning.loss * gain,
            balance.certainty,
        )

    def _why_lost(self, now: float, last: tuple[float, float] | None) -> str:
        if self.stage is ThermalStage.IDLE or last is None or now - last[0] <= LONGEST_GAP:
            return ""
        return f"no temperature for {now - last[0]:.1f} s: check the thermocouple and the bus"

    def _regulate(self, dt: float, now: float, temperature: float, surroundings: float) -> float:
        reference, balance = self._reference, self._balance
        self._delay.delay, self._plate_delay.delay = balance.lag, HEATER_SHARE * balance.lag
        error = self._delay.step(now, reference.value) - temperature
        behind = math.copysign(error, error * (self._target - reference.value))
        share = clamp((HOLDBACK - behind) / (HOLDBACK - SLOW), 0.0, 1.0)
        rate = self._rate_limit(share, surroundings)
        reference.step(dt, self._target, rate, self._rate / BUILD_UP_TIME)
        self._setpoint = self._plate_delay.step(now, reference.value)
        standing = reference.rate == 0.0 and self._setpoint == self._target
        self.stage = ThermalStage.HOLD if standing else ThermalStage.RAMP
        # A lag that seems shorter than tuned is no reason to be quicker: it may only seem so.
        bandwidth = BANDWIDTH * math.pi / (2.0 * max(balance.lag, self.tuning.dead_time))
        proportional = balance.caution * bandwidth * error
        wanted = self._forward(surroundings) + proportional + self._integral
        power = self._power = self._to_output(wanted, temperature)
        saturated = abs(power) >= 1.0 and error * wanted > 0.0
        if not saturated and share == 1.0:
            self._integral += INTEGRAL * bandwidth * proportional * dt
        return power

    def _rate_limit(self, share: float, surroundings: float) -> float:
        """Return the largest rate of the reference (K/s): less while little is known, and no more than is possible."""
        balance, here = self._balance, self._reference.value
        limit = share * self._rate * balance.certainty
        if self._target < here:
            return limit
        most = RAMP_SHARE * balance.gain * self.tuning.heater_power
        return clamp(most - balance.rate * (here - surroundings), 0.0, limit)

    def _forward(self, surroundings: float) -> float:
        """Return the power (W) that the reference needs."""
        reference, balance = self._reference, self._balance
        return balance.caution * (reference.rate + balance.rate * (reference.value - surroundings))

    def _learn(self, now: float, dt: float, temperature: float, surroundings: float) -> None:
        # Cooling is a conductance that is known less well than a heater: nothing is learned from it.
        power = self._power * self.tuning.heater_power if self._power >= 0.0 else math.nan
        self._balance.step(now, dt, power, temperature, surroundings)

    def _to_output(self, watts: float, temperature: float) -> float:
        """Convert heat flow into the signed output: heating is a power, cooling a conductance to the coolant."""
        if watts >= 0.0:
            return clamp(watts / self.tuning.heater_power, 0.0, 1.0)
        drop = temperature - self.tuning.coolant_temperature
        if drop <= 0.5 or self.tuning.cooling_conductance <= 0.0:
            return 0.0
        return clamp(watts / (self.tuning.cooling_conductance * drop), -1.0, 0.0)
