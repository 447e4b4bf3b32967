"""The law of a hydraulic press: a pump builds the force up, a valve lets it go, never both.

Where both take fractions they are throttled (:mod:`stackpress_py.control.flow_regulator`); else they are switched on
and off (:mod:`stackpress_py.control.pulses`).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from stackpress_py.control.closing import Closing
from stackpress_py.control.course import Course
from stackpress_py.control.flow_regulator import FlowRegulator
from stackpress_py.control.law import (
    NOISE_SHARE,
    ForceSample,
    HydraulicMove,
    Move,
    PressFacts,
    Stage,
)
from stackpress_py.control.pulses import PulseRegulator
from stackpress_py.control.reserve import reserve, settled
from stackpress_py.control.setpoint import Setpoint
from stackpress_py.control.throttle import Throttle
from stackpress_py.control.untuned import PRESSING, UntunedLaw

#: Largest step of a command with which it can be throttled.
COARSEST = 0.02
#: Standard deviation of a dead band that was measured; dead band that nobody has measured, its standard deviation, and
#: the delay of such an actuator, s.
MEASURED_DOUBT, BAND, DOUBT, DELAY = 2.5e-3, 0.05, 0.04, 0.15
#: Part of the limit of force that an actuator moves in a second, first guess.
FIRST_GAIN = 2.5
#: Part of the target within which the force must be once so that it is held, and s after which it is, however far off.
ARRIVED, LONGEST_ARRIVAL = 2.5e-3, 3.0
#: s longer that a press may stay away from its set-point while pump or valve are opened further and further.
SEARCHING = 20.0
#: Part of the full rate above which the set-point is in its ramp, and not at its end.
LEARNING = 0.7
#: s that a ram may take to come from where something may be touched to where it is.
TOUCH_TIME = 120.0


@dataclass(frozen=True, slots=True)
class HydraulicTuning:
    """Constants of one hydraulic press, as ``stackpress tune`` measures them.

    Attributes:
        pump_dead_band, valve_dead_band: level up to which nothing flows.
        pump_delay, valve_delay: s from a command to its effect in the measured force.
    """

    pump_dead_band: float
    pump_delay: float
    valve_dead_band: float
    valve_delay: float


class PumpAndValveLaw(UntunedLaw):
    """The law of a press that is moved by a pump and a valve.

    Args:
        facts: of the press.
        tuning: what was measured of it; None: nothing.
    """

    def __init__(self, facts: PressFacts, tuning: HydraulicTuning | None = None) -> None:
        super().__init__(facts)
        self._reference = Setpoint(facts)
        self._regulator: FlowRegulator | PulseRegulator = PulseRegulator(facts.period)
        if max(facts.pump_step, facts.valve_step) <= COARSEST:
            self._regulator = _flow_regulator(facts, tuning)
        self._aim = 0.0
        self._aimed_for = math.nan
        self._rising = True

    @property
    def learned(self) -> Mapping[str, str]:
        """What the law has learned of the press, for people."""
        return self._regulator.learned

    def _enter(self, stage: Stage) -> None:
        super()._enter(stage)
        if stage in (Stage.IDLE, Stage.FREEZE):
            self._rest()

    def _set_target(self, force: float, rate: float, tolerance: float) -> None:
        super()._set_target(force, rate, tolerance)
        self._regulator.aim()

    # ---- stages -------------------------------------------------------------------------------------------------

    def _why_lost(self, sample: ForceSample, last: ForceSample) -> str:
        if self.stage not in PRESSING:
            return self._why_no_contact(sample.time)
        reference, regulator = self._reference, self._regulator
        if reference.stuck(sample.time, SEARCHING if regulator.searching else 0.0):
            return (
                f"the force stays at {sample.force:.0f} N, and {reference.value:.0f} N are"
                " asked: look at the pump, the valve and the oil"
            )
        if self.stage is Stage.UNLOAD:
            return ""
        if isinstance(regulator, FlowRegulator):
            return regulator.why_yielding(sample, rising=reference.rate >= 0.0)
        return "" if regulator.letting_go(sample.time) else reference.why_broken(sample, last)

    def _approach_time(self) -> float:
        finds = isinstance(self._regulator, FlowRegulator)
        return super()._approach_time() + (TOUCH_TIME if finds else 0.0)

    def _setpoint(self) -> float:
        return self._reference.value

    def _restart(self, sample: ForceSample) -> None:
        self._reference.restart(sample.force)
        self._regulator.restart(sample)
        self._aim, self._aimed_for, self._rising = sample.force, math.nan, True

    def _blind(self) -> Move | None:
        resting = self._rest()
        if self.stage is Stage.OPEN:
            return HydraulicMove(0.0, 1.0)  # nothing needs to be known to let go
        return resting if self.stage in PRESSING or self.stage is Stage.APPROACH else None

    def _rest(self) -> HydraulicMove:
        return self._regulator.rest(0.0 if self._last is None else self._last.time)

    def _approach(self, sample: ForceSample, dt: float) -> Move | None:
        return self._regulator.close(sample, dt, self._target)

    def _open(self, sample: ForceSample) -> Move | None:
        return self._regulator.open(sample)

    def _follow(self, sample: ForceSample, dt: float) -> Move | None:
        reference, regulator = self._reference, self._regulator
        if regulator.unsure:
            reference.restart(sample.force)
        rate = self._rate
        if regulator.out_of_contact(self.contact_force) and self.stage is not Stage.UNLOAD:
            # Too much was taken off: the ram is closed again, for there is no force to regulate.
            self._enter(Stage.APPROACH)
            return self._approach(sample, dt)
        self._choose_aim(sample, dt)
        reference.step(sample, dt, self._aim, rate, regulator.slack(rate))
        standing = reference.stands_at(self._aim)
        near = abs(sample.force - self._target) <= max(ARRIVED * self._target, sample.uncertainty)
        self._judge(dt, standing, near, LONGEST_ARRIVAL)
        course = Course(
            reference.value,
            reference.rate,
            self._aim,
            rate,
            self._tolerance,
            self._rising,
            standing,
        )
        return regulator.step(sample, dt, course)

    def _choose_aim(self, sample: ForceSample, dt: float) -> None:
        """Aim a little below a target that is approached from below; at one that is far below, at itself."""
        reference, goal = self._reference, self._target
        if self.stage is Stage.HOLD and self._rising and reference.stands_at(self._aim):
            self._aim = settled(self._aim, goal, sample.uncertainty, dt)
            reference.restart(self._aim)
        elif goal > reference.value:
            if self._aimed_for == goal and reference.rate < LEARNING * self._rate:
                return  # an aim that moves with the noise is never reached
            self._rising, self._aimed_for = True, goal
            excess = self._regulator.noise - NOISE_SHARE * sample.uncertainty
            self._aim = goal - reserve(goal, sample.uncertainty, excess)
        elif goal < reference.value - sample.uncertainty:
            self._rising = False
            self._aim = goal


def _flow_regulator(facts: PressFacts, tuning: HydraulicTuning | None) -> FlowRegulator:
    gain = FIRST_GAIN * facts.force_limit
    if tuning is None:
        pump = Throttle(1.0, BAND, DOUBT, DELAY, facts.pump_step, gain)
        valve = Throttle(-1.0, BAND, DOUBT, DELAY, facts.valve_step, gain)
        return FlowRegulator(pump, valve, Closing(pump, facts.force_limit), facts.contact_force)
    pump = Throttle(
        1.0,
        tuning.pump_dead_band,
        MEASURED_DOUBT,
        max(tuning.pump_delay, facts.period),
        facts.pump_step,
        gain,
    )
    valve = Throttle(
        -1.0,
        tuning.valve_dead_band,
        MEASURED_DOUBT,
        max(tuning.valve_delay, facts.period),
        facts.valve_step,
        gain,
    )
    return FlowRegulator(pump, valve, Closing(pump, facts.force_limit), facts.contact_force)
