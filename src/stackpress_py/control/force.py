"""The force loop: approach, contact, ramp, hold, controlled unload, open, for a ram that is moved by velocity.

The law has two degrees of freedom. A reference moves to the target within rate and acceleration limits and feeds its
rate forward as ram velocity (rate / stiffness). Feedback compares the force with the reference of one dead time
ago, so a force that merely follows late causes no correction, and a ramp ends without overshoot. Both are scaled by
the stiffness that is learned on the way (:mod:`stackpress_py.control.stiffness`). The integral works only while the
reference stands still: it finds the velocity at which relaxation and thermal expansion are balanced.

SI units; forces compressive-positive, positions and velocities positive towards closing.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stackpress_py.control.law import (
    LARGEST_DROP,
    LONGEST_GAP,
    LONGEST_STEP,
    NOISE_SHARE,
    ForceSample,
    Stage,
    VelocityMove,
)
from stackpress_py.control.reference import Delay, Reference, clamp
from stackpress_py.control.stiffness import StiffnessEstimator

#: s for which a hold is kept up without a measurement.
LONGEST_COAST = 0.1


@dataclass(frozen=True, slots=True)
class ForceTuning:
    """Constants of the loop and of the machine.

    Attributes:
        dead_time: s from a command to its effect in the measured force.
        bandwidth: rad/s of the closed loop.
        integral_rate: 1/s, rate of the integral relative to the proportional part.
        build_up_time: s in which the reference builds up its full rate.
        approach_velocity: m/s without contact, far from the die.
        touch_velocity: m/s without contact, near the die.
        press_velocity: m/s, largest with contact.
        ram_acceleration: m/s^2, of commanded moves without contact.
        touch_position: m, ram position from which contact must be expected.
        open_position: m, ram position of the open press.
        contact_force: N above which the stack is in contact.
        stiffness_minimum, stiffness_maximum: N/m, range of stacks and frame in series.
    """

    dead_time: float
    bandwidth: float
    integral_rate: float
    build_up_time: float
    approach_velocity: float
    touch_velocity: float
    press_velocity: float
    ram_acceleration: float
    touch_position: float
    open_position: float
    contact_force: float
    stiffness_minimum: float
    stiffness_maximum: float

    def touch_velocity_for(self, force: float) -> float:
        """Return the velocity (m/s) at which the stiffest stack gives a third of ``force`` (N) in a dead time."""
        gentle = force / (3.0 * self.stiffness_maximum * self.dead_time)
        return min(self.touch_velocity, gentle)


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
    """The force loop of one ram. Commands change the stage; :meth:`step` answers each measurement."""

    #: m from the open position that count as open.
    OPEN_TOLERANCE = 2.0e-4

    def __init__(self, tuning: ForceTuning) -> None:
        self.tuning = tuning
        self.stage = Stage.IDLE
        self._target = math.nan
        self._rate = 0.0
        self._reference = Reference(0.0)
        self._delay = Delay(tuning.dead_time)
        self._stiffness = StiffnessEstimator(tuning.stiffness_minimum, tuning.stiffness_maximum)
        self._integral = 0.0
        self._velocity = 0.0
        self._recent_velocity = 0.0
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
        contact = self._in_contact()
        self._set_target(force, rate)
        self.stage = Stage.RAMP if contact else Stage.APPROACH

    def hold_present(self) -> None:
        """Hold the force that is on the stack now; without contact stand still."""
        if self._in_contact() and self._last is not None:
            self._target = max(self._last.force, self.tuning.contact_force)
            self._reference.restart(self._target)
            self._delay.restart()
            self.stage = Stage.HOLD
        else:
            self.freeze()

    def unload(self, rate: float) -> None:
        """Take the force off at no more than ``rate`` (N/s, > 0), leave contact and open."""
        if not (rate > 0.0 and math.isfinite(rate)):
            raise ValueError(f"rate {rate} N/s must be finite and above 0")
        contact = self._in_contact()
        self._set_target(0.0, rate)
        self.stage = Stage.UNLOAD if contact else Stage.OPEN

    def freeze(self) -> None:
        """Stand still, whatever the force does."""
        self.stage = Stage.FREEZE
        self._target = math.nan
        self._velocity = 0.0
        self._integral = 0.0

    # ---- the step -----------------------------------------------------------------------------------------------

    @property
    def stiffness(self) -> float:
        """Present estimate of the stiffness, N/m."""
        return self._stiffness.value

    @property
    def contact_force(self) -> float:
        """N above which the stack is in contact."""
        return self.tuning.contact_force

    @property
    def learned(self) -> Mapping[str, str]:
        """What the loop has learned of the press, for people."""
        return {"Stiffness (N/m)": f"{self.stiffness:.3g}"}

    def step(self, sample: ForceSample) -> ForceOutput:
        """Answer one measurement with a velocity."""
        last = self._last
        lost = self._why_lost(sample, last)
        if lost:
            self.freeze()
        known = math.isfinite(sample.force) and math.isfinite(sample.position)
        if not known:
            self._velocity = self._coast(sample, last)
            return ForceOutput(self._velocity, self.stage, self._target, math.nan, lost)
        self._last = sample
        dt = 0.0 if last is None else min(sample.time - last.time, LONGEST_STEP)
        law = self._stages.get(self.stage)
        if law is None or dt <= 0.0:
            self._velocity = self._velocity if law else 0.0
        else:
            self._velocity = law(sample, dt)
        # A command acts a few cycles later than it was given.
        self._recent_velocity = max(abs(self._velocity), 0.7 * self._recent_velocity)
        regulating = self.stage in (Stage.RAMP, Stage.HOLD, Stage.UNLOAD)
        setpoint = self._reference.value if regulating else math.nan
        return ForceOutput(self._velocity, self.stage, self._target, setpoint, lost)

    def _coast(self, sample: ForceSample, last: ForceSample | None) -> float:
        """One lost answer of the bus is no reason to give up, nor to stop balancing creep and expansion."""
        brief = last is not None and sample.time - last.time <= LONGEST_COAST
        return self._integral if brief and self.stage is Stage.HOLD else 0.0

    def _set_target(self, force: float, rate: float) -> None:
        standing = self._reference.value if self._regulating() else self._present_force()
        if (force - standing) * self._reference.rate <= 0.0:
            # After a reversal the stack answers elastically, much stiffer than while it was compacted.
            self._stiffness.restart(self.tuning.stiffness_maximum)
        if not self._regulating():
            self._start_regulating()
        self._target, self._rate = force, rate

    def _start_regulating(self) -> None:
        self._reference.restart(self._present_force())
        self._delay.restart()
        self._stiffness.restart(self.tuning.stiffness_maximum)
        self._integral = 0.0

    def _present_force(self) -> float:
        return 0.0 if self._last is None else self._last.force

    def _regulating(self) -> bool:
        return self.stage in (Stage.RAMP, Stage.HOLD, Stage.UNLOAD)

    def _in_contact(self) -> bool:
        return self._regulating() or self._present_force() > self.tuning.contact_force

    def _why_lost(self, sample: ForceSample, last: ForceSample | None) -> str:
        if self.stage in (Stage.IDLE, Stage.FREEZE) or last is None:
            return ""
        if sample.time - last.time > LONGEST_GAP:
            gap = sample.time - last.time
            return f"no measurement for {gap:.2f} s: check the bus and the load of the computer"
        if self.stage in (Stage.RAMP, Stage.HOLD) and math.isfinite(sample.force):
            return self._why_sample_lost(sample, last)
        return ""

    def _why_sample_lost(self, sample: ForceSample, last: ForceSample) -> str:
        gap = sample.time - last.time
        if gap > LONGEST_STEP or last.force > 1.2 * self._reference.value:
            # Much may have happened rightly in the meantime; or the loop itself is taking force off.
            return ""
        drop = last.force - sample.force
        commanded = self._recent_velocity * self.stiffness * gap
        noise = NOISE_SHARE * max(sample.uncertainty, last.uncertainty)
        if drop > LARGEST_DROP * last.force + 2.0 * commanded + 10.0 * noise:
            return (
                f"the force fell from {last.force:.0f} N to {sample.force:.0f} N at once:"
                " the sample broke or slipped"
            )
        if self._reference.value > 2.0 * self.tuning.contact_force and sample.force < 0.0:
            return "contact was lost: look at the sample and the die"
        return ""

    # ---- the laws -----------------------------------------------------------------------------------------------

    def _approach(self, sample: ForceSample, dt: float) -> float:
        tuning = self.tuning
        if sample.force > min(tuning.contact_force, 0.5 * self._target):
            self._start_regulating()
            self.stage = Stage.RAMP
            return self._regulate(sample, dt)
        touch = tuning.touch_velocity_for(self._target)
        distance = max(0.0, tuning.touch_position - sample.position - dt * self._velocity)
        wanted = min(
            tuning.approach_velocity, touch + math.sqrt(2.0 * tuning.ram_acceleration * distance)
        )
        return self._slew(wanted, dt)

    def _regulate(self, sample: ForceSample, dt: float) -> float:
        tuning, reference = self.tuning, self._reference
        noise = NOISE_SHARE * sample.uncertainty
        if reference.rate != 0.0:
            self._stiffness.step(sample.position, sample.force, noise)
        stiffness = self._stiffness.value
        rate_limit = min(self._rate, 0.8 * tuning.press_velocity * stiffness)
        reference.step(dt, self._target, rate_limit, self._acceleration())
        error = self._delay.step(sample.time, reference.value) - sample.force
        proportional = tuning.bandwidth * error / stiffness
        standing = reference.rate == 0.0
        if standing:
            self._integral += tuning.integral_rate * proportional * dt
            self._integral = clamp(self._integral, -tuning.press_velocity, tuning.press_velocity)
        if self.stage is not Stage.UNLOAD:
            self.stage = Stage.HOLD if standing else Stage.RAMP
        velocity = reference.rate / stiffness + proportional + self._integral
        return clamp(velocity, -tuning.press_velocity, tuning.press_velocity)

    def _acceleration(self) -> float:
        build_up = self.tuning.build_up_time
        full = self._rate / build_up
        if self._target <= 0.0:
            return full
        # A small target is approached so gently that the last build-up time covers no more than the target itself.
        return min(full, self._target / build_up**2)

    def _unload(self, sample: ForceSample, dt: float) -> float:
        if sample.force < self.tuning.contact_force:
            self.stage = Stage.OPEN
            return self._open(sample, dt)
        return self._regulate(sample, dt)

    def _open(self, sample: ForceSample, dt: float) -> float:
        distance = sample.position - self.tuning.open_position
        if abs(distance) <= self.OPEN_TOLERANCE:
            self.stage = Stage.IDLE
            self._target = math.nan
            return 0.0
        braking = math.sqrt(self.tuning.ram_acceleration * abs(distance))
        wanted = -math.copysign(min(self.tuning.approach_velocity, braking), distance)
        return self._slew(wanted, dt)

    def _slew(self, wanted: float, dt: float) -> float:
        change = self.tuning.ram_acceleration * dt
        return self._velocity + clamp(wanted - self._velocity, -change, change)
