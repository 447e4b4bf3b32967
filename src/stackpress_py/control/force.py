"""The law of a ram that is moved by velocity: approach, contact, ramp, hold, controlled unload, open.

Without contact the ram moves by position and velocity alone; in contact a regulator moves it
(:mod:`stackpress_py.control.regulator`). A stack that breaks, slips or vanishes leaves the ram standing where it is.

SI units; forces compressive-positive, positions and velocities positive towards closing.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stackpress_py.control.law import LONGEST_GAP, LONGEST_STEP, ForceSample, Stage, VelocityMove
from stackpress_py.control.reference import clamp
from stackpress_py.control.regulator import Regulator, RegulatorTuning

#: s for which a hold is kept up without a measurement.
LONGEST_COAST = 0.1
#: m from the open position that count as open.
OPEN_TOLERANCE = 2.0e-4
REGULATING = (Stage.RAMP, Stage.HOLD, Stage.UNLOAD)


@dataclass(frozen=True, slots=True)
class ForceTuning:
    """Constants of one press, as ``stackpress tune`` measures them.

    Attributes:
        dead_time: s from a command to its effect in the measured force.
        frame_stiffness: N/m of the press on something hard.
        contact_force: N above which the stack is in contact.
        approach_velocity: m/s without contact, far from the die.
        touch_velocity: m/s without contact, near the die.
        press_velocity: m/s, largest with contact.
        ram_acceleration: m/s^2, of commanded moves without contact.
        touch_position: m, ram position from which contact must be expected.
        open_position: m, ram position of the open press.
        thermal_expansion: m/K by which the stack grows with the platens' mean temperature.
    """

    dead_time: float
    frame_stiffness: float
    contact_force: float
    approach_velocity: float
    touch_velocity: float
    press_velocity: float
    ram_acceleration: float
    touch_position: float
    open_position: float
    thermal_expansion: float = 0.0

    def touch_velocity_for(self, force: float) -> float:
        """Return the velocity (m/s) at which the stiffest stack gives a third of ``force`` (N) in a dead time."""
        gentle = force / (3.0 * self.frame_stiffness * self.dead_time)
        return min(self.touch_velocity, gentle)

    @property
    def regulator(self) -> RegulatorTuning:
        """What the regulator needs of it."""
        return RegulatorTuning(
            dead_time=self.dead_time,
            frame_stiffness=self.frame_stiffness,
            contact_force=self.contact_force,
            press_velocity=self.press_velocity,
            thermal_expansion=self.thermal_expansion,
        )


@dataclass(frozen=True, slots=True)
class ForceOutput:
    """One step of the loop.

    Attributes:
        velocity: m/s to command.
        stage: what the loop is doing.
        target, setpoint: N; NaN without target.
        lost: one sentence if the loop gave up and froze the ram in this step; else empty.
    """

    velocity: float
    stage: Stage
    target: float
    setpoint: float
    lost: str = ""

    @property
    def move(self) -> VelocityMove | None:
        """What to command; None: stand still."""
        return VelocityMove(self.velocity) if self.velocity != 0.0 else None


class ForceController:
    """The law of one ram. Commands change the stage; :meth:`step` answers each measurement."""

    def __init__(self, tuning: ForceTuning) -> None:
        self.tuning = tuning
        self.stage = Stage.IDLE
        self._regulator = Regulator(tuning.regulator)
        self._target = math.nan
        self._velocity = 0.0
        self._last: ForceSample | None = None
        self._stages: dict[Stage, Callable[[ForceSample, float], float]] = {
            Stage.APPROACH: self._approach,
            Stage.RAMP: self._regulate,
            Stage.HOLD: self._regulate,
            Stage.UNLOAD: self._unload,
            Stage.OPEN: self._open,
        }

    # ---- commands -----------------------------------------------------------------------------------------------

    def press(self, force: float, rate: float, tolerance: float = 0.0) -> None:
        """Bring the stack to ``force`` (N, > 0) at no more than ``rate`` (N/s, > 0), from contact or without.

        The loop regulates as well as it can, whatever the ``tolerance``.
        """
        if not (force > 0.0 and rate > 0.0 and math.isfinite(force) and math.isfinite(rate)):
            raise ValueError(f"force {force} N and rate {rate} N/s must be finite and above 0")
        self._set_target(force, rate, Stage.RAMP, Stage.APPROACH)

    def hold_present(self) -> None:
        """Hold the force that is on the stack now; without contact stand still."""
        if not self._in_contact():
            self.freeze()
            return
        if self.stage not in REGULATING:
            self._regulator.restart(self._present_force())
        self._target = max(self._regulator.force, self.tuning.contact_force)
        self._regulator.stay(self._target)
        self.stage = Stage.HOLD

    def unload(self, rate: float) -> None:
        """Take the force off at no more than ``rate`` (N/s, > 0), leave contact and open."""
        if not (rate > 0.0 and math.isfinite(rate)):
            raise ValueError(f"rate {rate} N/s must be finite and above 0")
        self._set_target(0.0, rate, Stage.UNLOAD, Stage.OPEN)

    def freeze(self) -> None:
        """Stand still, whatever the force does."""
        self.stage = Stage.FREEZE
        self._target = math.nan
        self._velocity = 0.0

    def _set_target(self, force: float, rate: float, in_contact: Stage, without: Stage) -> None:
        contact = self._in_contact()
        if self.stage not in REGULATING:
            self._regulator.restart(self._present_force())
        self._regulator.aim(force, rate)
        self._target = force
        self.stage = in_contact if contact else without

    # ---- the step -----------------------------------------------------------------------------------------------

    @property
    def stiffness(self) -> float:
        """Present estimate of the stiffness, N/m."""
        return self._regulator.stiffness

    @property
    def contact_force(self) -> float:
        """N above which the stack is in contact."""
        return self.tuning.contact_force

    @property
    def learned(self) -> Mapping[str, str]:
        """What the loop has learned of the press, for people."""
        regulator = self._regulator
        return {
            "Stiffness (N/m)": f"{regulator.stiffness:.3g}",
            "Drift (N/s)": f"{regulator.drift:.3g}",
        }

    def step(self, sample: ForceSample) -> ForceOutput:
        """Answer one measurement with a velocity."""
        last = self._last
        lost = self._why_silent(sample, last)
        if lost:
            self.freeze()
        if not (math.isfinite(sample.force) and math.isfinite(sample.position)):
            self._velocity = self._coast(sample, last)
            return ForceOutput(self._velocity, self.stage, self._target, math.nan, lost)
        self._last = sample
        dt = 0.0 if last is None else min(sample.time - last.time, LONGEST_STEP)
        law = self._stages.get(self.stage)
        if law is None:
            self._velocity = 0.0
        elif dt > 0.0:
            self._velocity = law(sample, dt)
            if self.stage in REGULATING and self._regulator.lost:
                lost = self._regulator.lost
                self.freeze()
        setpoint = self._regulator.setpoint if self.stage in REGULATING else math.nan
        return ForceOutput(self._velocity, self.stage, self._target, setpoint, lost)

    def _coast(self, sample: ForceSample, last: ForceSample | None) -> float:
        """One lost answer of the bus is no reason to give up, nor to stop balancing creep and expansion."""
        brief = last is not None and sample.time - last.time <= LONGEST_COAST
        return self._regulator.balance if brief and self.stage is Stage.HOLD else 0.0

    def _present_force(self) -> float:
        return 0.0 if self._last is None else self._last.force

    def _in_contact(self) -> bool:
        return self.stage in REGULATING or self._present_force() > self.tuning.contact_force

    def _why_silent(self, sample: ForceSample, last: ForceSample | None) -> str:
        if self.stage in (Stage.IDLE, Stage.FREEZE) or last is None:
            return ""
        gap = sample.time - last.time
        if gap <= LONGEST_GAP:
            return ""
        return f"no measurement for {gap:.2f} s: check the bus and the load of the computer"

    # ---- the laws -----------------------------------------------------------------------------------------------

    def _approach(self, sample: ForceSample, dt: float) -> float:
        tuning = self.tuning
        if sample.force > min(tuning.contact_force, 0.5 * self._target):
            self._regulator.touch(sample)
            self.stage = Stage.RAMP
            return 0.0
        touch = tuning.touch_velocity_for(self._target)
        distance = max(0.0, tuning.touch_position - sample.position - dt * self._velocity)
        wanted = min(
            tuning.approach_velocity, touch + math.sqrt(2.0 * tuning.ram_acceleration * distance)
        )
        return self._slew(wanted, dt)

    def _regulate(self, sample: ForceSample, dt: float) -> float:
        regulator = self._regulator
        regulator.note(sample.time, dt, self._velocity)
        velocity = regulator.step(sample, dt)
        if self.stage is not Stage.UNLOAD:
            self.stage = Stage.HOLD if regulator.holding else Stage.RAMP
        return velocity

    def _unload(self, sample: ForceSample, dt: float) -> float:
        if sample.force < self.tuning.contact_force:
            self.stage = Stage.OPEN
            return self._open(sample, dt)
        return self._regulate(sample, dt)

    def _open(self, sample: ForceSample, dt: float) -> float:
        distance = sample.position - self.tuning.open_position
        if abs(distance) <= OPEN_TOLERANCE:
            self.stage = Stage.IDLE
            self._target = math.nan
            return 0.0
        braking = math.sqrt(self.tuning.ram_acceleration * abs(distance))
        wanted = -math.copysign(min(self.tuning.approach_velocity, braking), distance)
        return self._slew(wanted, dt)

    def _slew(self, wanted: float, dt: float) -> float:
        change = self.tuning.ram_acceleration * dt
        return self._velocity + clamp(wanted - self._velocity, -change, change)
