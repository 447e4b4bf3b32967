"""The course of one phase: what it demands, what was reached, and whether it kept its promises."""

import math
from dataclasses import dataclass
from enum import Enum, IntEnum

from stackpress_py.account import (
    AVERAGING,
    LONGEST_GAP,
    Approach,
    HoldAccount,
    HoldOutcome,
    LowPressure,
    LowPressureWatch,
    Wear,
    WearAccount,
    Working,
    farthest,
)
from stackpress_py.control.change_rate import UNKNOWN
from stackpress_py.control.densification import StackReading
from stackpress_py.machine.densification_goal import DensificationGoal
from stackpress_py.machine.promises import why_outside, why_overshot
from stackpress_py.quantities import format_duration, format_pressure, format_temperature
from stackpress_py.recipes.model import Phase, PressureTarget, Recipe, TemperatureTarget


class PhaseVerdict(IntEnum):
    """How a phase ended; numbers as in PhaseResult."""

    PASSED = 0
    FAILED = 1
    INTERRUPTED = 2
    SKIPPED = 3


class Step(Enum):
    """What a phase is doing."""

    PRESS = "press"
    HEAT = "heat"
    COOL = "cool"
    HOLD = "hold"
    DENSIFY = "densify"
    UNLOAD = "unload"


@dataclass(frozen=True, slots=True)
class Sample:
    """What is measured at one moment, and what the actuator is told to do then; NaN: not known."""

    force: float
    force_uncertainty: float
    upper_temperature: float
    lower_temperature: float
    position: float = math.nan
    working: Working = Working.NOTHING

    @property
    def temperature(self) -> float:
        """Mean of the platens, degC."""
        return (self.upper_temperature + self.lower_temperature) / 2.0


@dataclass(frozen=True, slots=True)
class PhaseOutcome:
    """Requested versus reached of one phase; units as in PhaseResult.

    Attributes:
        begin: s on the clock of the samples; NaN: it never began.
        pressure, temperature: accounts; None: no such target.
        pressure_uncertainty: Pa, largest during the phase, k = 2.
        stack: what lies between the punches at its end; None: the press cannot tell.
        wear: what the actuator had to do.
        low_pressure: account of the phase's alarm; None: it has none.
    """

    name: str
    verdict: PhaseVerdict
    reason: str
    begin: float = math.nan
    duration: float = 0.0
    pressure: HoldOutcome | None = None
    temperature: HoldOutcome | None = None
    pressure_uncertainty: float = math.nan
    stack: StackReading | None = None
    wear: Wear = Wear()
    low_pressure: LowPressure | None = None


class PhaseCourse:
    """One phase of a run from its begin, fed with every sample.

    Attributes:
        phase: as in the recipe.
        pressure_target, temperature_target: with `keep` resolved; None: not judged.
        elapsed: s in Execute; a held machine does not count.
        held: s in which every target was in tolerance, since all were reached.
        stack: latest reading of what lies between the punches; None: the press cannot tell.
        alarm: watch of the phase's low-pressure alarm; None: it has none.
        violation: first promise that was broken, one sentence; empty: none.
    """

    def __init__(self, recipe: Recipe, index: int, sample: Sample, now: float) -> None:
        self.phase: Phase = recipe.procedure[index]
        self.pressure_target: PressureTarget | None = recipe.pressure_target(index)
        self.temperature_target: TemperatureTarget | None = recipe.temperature_target(index)
        self.begin = now
        self.elapsed = 0.0
        self.held = 0.0
        self.stack: StackReading | None = None
        self.violation = ""
        self.all_reached = False
        self._area = recipe.cell.die.area
        self._last = now
        self._inside = False
        self._was_outside = False
        self._was_overshot = False
        self._uncertainty = math.nan
        self._densification = DensificationGoal(self.phase.until)
        self._wear = WearAccount(sample.working, sample.position)
        asked = self.phase.alarm
        self.alarm = None if asked is None else LowPressureWatch(asked.below, asked.after)
        self.pressure = self._pressure_account(sample)
        self.temperature: HoldAccount | None = None
        self._heating = True

    @property
    def needs_heat(self) -> bool:
        """True once the temperature's turn has come and it has not been ordered."""
        if self.temperature_target is None or self.temperature is not None:
            return False
        return self.pressure is None or self.pressure.reached

    @property
    def reached(self) -> bool:
        """True once every target has been reached."""
        return self.all_reached

    @property
    def remaining(self) -> float:
        """Seconds still to be held in tolerance."""
        return max(0.0, self.phase.hold - self.held)

    @property
    def complete(self) -> bool:
        """True when every target is reached and has been held for its time, and what else is asked has come true."""
        return self.all_reached and self.remaining <= 0.0 and self._densification.met

    @property
    def judged(self) -> bool:
        """True if the phase has a target to reach."""
        return self.pressure_target is not None or self.temperature_target is not None

    @property
    def timed_out(self) -> bool:
        """True if the phase has taken longer than it may."""
        return self.elapsed > self.phase.time_limit

    @property
    def step(self) -> Step:
        """What the phase is doing."""
        if self.all_reached:
            return Step.HOLD if self.remaining > 0.0 or self._densification.met else Step.DENSIFY
        if self.pressure is not None and not self.pressure.reached:
            return Step.PRESS
        if self.temperature is not None and not self.temperature.reached:
            return Step.HEAT if self._heating else Step.COOL
        return Step.UNLOAD if self.phase.unload is not None else Step.HOLD

    def begin_heat(self, sample: Sample) -> None:
        """Open the account of the temperature: its order is being given."""
        target = self.temperature_target
        if target is None:
            return
        self._heating = not sample.temperature > target.target
        approach = Approach.FROM_BELOW if self._heating else Approach.FROM_ABOVE
        self.temperature = HoldAccount(
            target.target, target.tolerance, self.phase.settling, approach
        )

    def update(
        self, sample: Sample, now: float, executing: bool, stack: StackReading | None = None
    ) -> bool:
        """Take a sample; return True if a promise has just been broken.

        Args:
            sample: what is measured.
            now: s.
            executing: False while the machine is held: the accounts go on, the clocks stand.
            stack: what the sample tells of the stack; None: nothing.
        """
        step = now - self._last
        self._last = now
        self.stack = stack
        self._densification.update(UNKNOWN if stack is None else stack.rate)
        self._wear.update(sample.position, sample.working, now)
        if self.pressure is not None:
            self.pressure.update(sample.force / self._area, now)
        if self.temperature is not None:
            self.temperature.update(self._farthest(self.temperature.target, sample), now)
        self._note_uncertainty(sample)
        inside = self._all_inside()
        if executing and step > 0.0:
            self.elapsed += step
            if self.all_reached and inside and self._inside and step <= LONGEST_GAP:
                self.held += step
        self._inside = inside
        accounts = (self.pressure, self.temperature)
        every = self.judged and not self.needs_heat and self._heat_begun()
        if every and inside and all(account.reached for account in accounts if account):
            self.all_reached = True
            self._densification.begin(now)
        return self._broke_promise() and executing

    def watch_pressure(self, now: float) -> bool:
        """Let the alarm judge the latest pressure; return True if it was raised or ended just now."""
        if self.alarm is None or self.pressure is None or not self.pressure.reached:
            return False
        return self.alarm.update(self.pressure.average, now)

    def outcome(self, verdict: PhaseVerdict, reason: str, now: float) -> PhaseOutcome:
        """Return what was asked and reached."""
        return PhaseOutcome(
            name=self.phase.phase,
            verdict=verdict,
            reason=reason,
            begin=self.begin,
            duration=now - self.begin,
            pressure=None if self.pressure is None else self.pressure.result(),
            temperature=None if self.temperature is None else self.temperature.result(),
            pressure_uncertainty=self._uncertainty,
            stack=self.stack,
            wear=self._wear.outcome,
            low_pressure=None if self.alarm is None else self.alarm.outcome,
        )

    def why_not_reached(self) -> str:
        """Return a sentence about the targets that were not reached in time."""
        missing = []
        if self.pressure is not None and not self.pressure.reached:
            missing.append(format_pressure(self.pressure.target))
        if self.temperature_target is not None and not (
            self.temperature is not None and self.temperature.reached
        ):
            missing.append(format_temperature(self.temperature_target.target))
        limit = format_duration(self.phase.time_limit)
        if missing:
            return f"{' and '.join(missing)} not reached and settled within {limit}"
        if self.all_reached and self.remaining <= 0.0:
            return f"{self._densification.why_not} within {limit}"
        if self.judged:
            hold = format_duration(self.phase.hold)
            return f"only {self.held:.1f} s of {hold} were held in tolerance within {limit}"
        return f"not unloaded within {limit}"

    def _pressure_account(self, sample: Sample) -> HoldAccount | None:
        target = self.pressure_target
        if target is None:
            return None
        return HoldAccount(
            target.target,
            target.tolerance.around(target.target),
            self.phase.settling,
            Approach.to(target.target, sample.force / self._area),
            AVERAGING,
        )

    def _heat_begun(self) -> bool:
        return self.temperature_target is None or self.temperature is not None

    def _all_inside(self) -> bool:
        if self.pressure is not None and not self.pressure.in_tolerance:
            return False
        return self.temperature is None or self.temperature.in_tolerance

    @staticmethod
    def _farthest(target: float, sample: Sample) -> float:
        # A cell between platens of 70 and 90 degC is not at 80 degC.
        return farthest(target, sample.upper_temperature, sample.lower_temperature)

    def _note_uncertainty(self, sample: Sample) -> None:
        uncertainty = sample.force_uncertainty / self._area
        if math.isfinite(uncertainty):
            known = 0.0 if math.isnan(self._uncertainty) else self._uncertainty
            self._uncertainty = max(known, uncertainty)

    def _broke_promise(self) -> bool:
        """Return True at the moment when a tolerance is left or an overshoot grows too large."""
        outside = why_outside(self.pressure, self.temperature)
        overshot = self._why_overshot()
        left = bool(outside) and not self._was_outside
        shot = bool(overshot) and not self._was_overshot
        self._was_outside, self._was_overshot = bool(outside), bool(overshot)
        if not self.violation:
            self.violation = outside or overshot
        return left or shot

    def _why_overshot(self) -> str:
        pressure, heat = self.pressure_target, self.temperature_target
        return why_overshot(
            self.pressure,
            None if pressure is None else pressure.overshoot,
            self.temperature,
            None if heat is None else heat.overshoot,
        )
