"""The temperature loop of one platen: ramp, hold with holdback, heating and cooling by one signed power.

As in the force loop, a reference is fed forward (heat capacity times ramp, losses to the surroundings) and feedback
compares the measurement with the reference of one dead time ago. The reference waits while the platen is outside the
holdback band, so a weak heater makes the ramp longer and not the soak shorter.

Temperatures in degrees Celsius, differences in K, power in W; the output is the signed fraction -1..1.
"""

import math
from dataclasses import dataclass
from enum import IntEnum

from stackpress_py.control.heat_balance import HeatBalance
from stackpress_py.control.reference import Delay, Reference, clamp

#: s; a longer time without a known temperature switches the platen off for good.
LONGEST_GAP = 1.0
#: s by which the reference moves at most from one sample to the next: the heater was off in a longer gap.
LONGEST_STEP = 0.3
#: Bandwidth of the closed loop, as a part of that at which a platen with this dead time would begin to oscillate,
#: pi / (2 * dead time); and rate of the integral as a part of the bandwidth.
BANDWIDTH = 0.3
INTEGRAL = 0.1
#: s in which the reference builds up its full rate.
BUILD_UP_TIME = 10.0
#: K of deviation at which the reference begins to wait, and beyond which it stands.
SLOW, HOLDBACK = 0.3, 0.8
#: Part of the time from power to reading that passes between plate and reading.
SENSOR_SHARE = 0.75
#: Part of the heater's power that a ramp may take.
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
        self._lead = Delay(0.0)
        self._shown = math.nan
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
            self._lead.restart()
            self._shown = self._reference.value
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
        return math.nan if self.stage is ThermalStage.IDLE else self._shown

    def _why_lost(self, now: float, last: tuple[float, float] | None) -> str:
        if self.stage is ThermalStage.IDLE or last is None or now - last[0] <= LONGEST_GAP:
            return ""
        return f"no temperature for {now - last[0]:.1f} s: check the thermocouple and the bus"

    def _regulate(self, dt: float, now: float, temperature: float, surroundings: float) -> float:
        reference, balance = self._reference, self._balance
        lag = balance.lag
        bandwidth = BANDWIDTH * math.pi / (2.0 * (max(lag, self.tuning.dead_time)))
        self._delay.delay = lag
        self._lead.delay = (1.0 - SENSOR_SHARE) * lag
        error = self._delay.step(now, reference.value) - temperature
        ahead = math.copysign(1.0, self._target - reference.value)
        share = clamp((HOLDBACK - error * ahead) / (HOLDBACK - SLOW), 0.0, 1.0)
        limit = share * self._rate * balance.gain * balance.cautious_capacity
        rate = min(limit, self._possible(surroundings)) if ahead > 0.0 else limit
        reference.step(dt, self._target, rate, self._rate / BUILD_UP_TIME)
        self._shown = self._lead.step(now, reference.value)
        standing = reference.rate == 0.0 and self._shown == self._target
        self.stage = ThermalStage.HOLD if standing else ThermalStage.RAMP
        forward = self._forward(surroundings)
        proportional = balance.cautious_capacity * bandwidth * error
        wanted = forward + proportional + self._integral
        power = self._power = self._to_output(wanted, temperature)
        saturated = abs(power) >= 1.0 and error * wanted > 0.0
        if not (saturated or share < 1.0):
            self._integral += INTEGRAL * bandwidth * proportional * dt
        return power

    def _possible(self, surroundings: float) -> float:
        balance = self._balance
        losses = balance.loss_rate * (self._reference.value - surroundings)
        return max(0.0, RAMP_SHARE * balance.gain * self.tuning.heater_power - losses)

    def _forward(self, surroundings: float) -> float:
        """Return the power (W) that the reference needs."""
        reference, balance = self._reference, self._balance
        rate = reference.rate + balance.loss_rate * (reference.value - surroundings)
        return balance.cautious_capacity * rate

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
