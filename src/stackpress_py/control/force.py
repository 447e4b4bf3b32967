"""The force loop: approach, contact, ramp, hold, controlled unload, open, for a ram that is moved by velocity.

A reference leads to the target within limits of rate, its change and jerk. An observer
(:mod:`stackpress_py.control.observer`) tells the force and how it drifts by itself, and with the movements that are
commanded but not yet felt, the force that will be there one dead time from now. The ram then moves as the reference
does, against the drift, and closes what is left between reference and coming force. A force that merely follows late
so causes no correction, and a creeping stack is followed without an integral that could wind up.

All of it is scaled by the stiffness, which is learned (:mod:`stackpress_py.control.stiffness`).

SI units; forces compressive-positive, positions and velocities positive towards closing.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stackpress_py.control.feed_forward import FeedForward
from stackpress_py.control.law import (
    LONGEST_GAP,
    LONGEST_STEP,
    NOISE_SHARE,
    ForceSample,
    Stage,
    VelocityMove,
)
from stackpress_py.control.observer import DriftObserver
from stackpress_py.control.reference import Delay, SmoothReference, clamp
from stackpress_py.control.stiffness import HoldStiffness, RampStiffness
from stackpress_py.control.yielding import YieldWatch

#: s for which a hold is kept up without a measurement.
LONGEST_COAST = 0.1
#: Dead times in which an error between reference and coming force is closed. A loop with this dead time and no
#: prediction would begin to oscillate below 2 / pi; what is above it is margin for a stiffness that is not known well.
RESPONSE = 3.0
#: s in which the reference builds up its full rate, and s over which that is smoothed.
BUILD_UP_TIME = 0.4
SMOOTHING = 0.2
#: Part of the expanded uncertainty by which a target is approached from below only. A load cell's error, which lies
#: within it, would otherwise be an overshoot of the true force half of the time.
RESERVE = 0.15
#: Part of the force that is still missing which finding out how stiff the stack is may take, and s that it takes
#: once the ram moves.
FELT_SHARE = 0.3
FEELING_TIME = 0.1
#: Part of its full rate at which the reference must move so that the slope teaches: a ramp that ends shows more of
#: creep than of stiffness.
LEARNING = 0.7
#: s in which the slope of a ramp takes over what the drift explained.
DRIFT_LEAK = 0.3
#: Softest stack that is believed, relative to the frame; and the stiffest, for a frame that is better than measured.
SOFTEST, STIFFEST = 1e-3, 1.2
#: What a stack is taken for when a hold begins, relative to the frame: it is elastic then, however soft it was when it
#: was compacted. A guess that is too stiff makes the loop slow, one that is too soft makes it swing.
HOLD_GUESS = 0.5
#: 1/s^2, how fast a drift may change: as a part of the target while the reference moves, and in a hold of the force;
#: m/s^2, in a hold, by which thermal expansion speeds up; 1/s, by which a drift may fade.
RAMP_AGILITY = 0.05
EXPANSION_AGILITY = 1e-7
FADING = 0.3


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


REGULATING = (Stage.RAMP, Stage.HOLD, Stage.UNLOAD)


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


class _Movement:
    """Something that is commanded bit by bit, and felt one dead time (s) later.

    Attributes:
        felt: how much has been felt since the last step.
        pending: how much is still to be felt.
    """

    def __init__(self, dead_time: float) -> None:
        self._delay = Delay(dead_time)
        self._commanded = self._arrived = 0.0
        self.felt = self.pending = 0.0

    def step(self, now: float, commanded: float) -> None:
        """Take what was commanded since the last step (s)."""
        self._commanded += commanded
        arrived = self._delay.step(now, self._commanded)
        self.felt, self._arrived = arrived - self._arrived, arrived
        self.pending = self._commanded - arrived

    def restart(self) -> None:
        """Forget what is pending."""
        self._delay.restart()
        self._commanded = self._arrived = 0.0
        self.felt = self.pending = 0.0

    def adopt(self, other: "_Movement", factor: float) -> None:
        """Become another one times a factor."""
        self._delay.adopt(other._delay, factor)
        self._commanded, self._arrived = factor * other._commanded, factor * other._arrived
        self.felt, self.pending = factor * other.felt, factor * other.pending


class ForceController:
    """The force loop of one ram. Commands change the stage; :meth:`step` answers each measurement."""

    #: m from the open position that count as open.
    OPEN_TOLERANCE = 2.0e-4

    def __init__(self, tuning: ForceTuning) -> None:
        self.tuning = tuning
        self.stage = Stage.IDLE
        softest, stiffest = SOFTEST * tuning.frame_stiffness, STIFFEST * tuning.frame_stiffness
        self._ramp_stiffness = RampStiffness(softest, stiffest)
        self._hold_stiffness = HoldStiffness(softest, stiffest)
        self._stiffness = tuning.frame_stiffness
        self._target = math.nan
        self._aim = math.nan
        self._rate = 0.0
        self._reference = SmoothReference(0.0, SMOOTHING)
        self._observer = DriftObserver(tuning.dead_time)
        self._growth = FeedForward(tuning.thermal_expansion)
        self._watch = YieldWatch(tuning.contact_force)
        self._travel = _Movement(tuning.dead_time)
        self._effect = _Movement(tuning.dead_time)
        self._velocity = 0.0
        self._felt_at: float | None = None
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
            if not self._regulating():
                self._start_regulating(self._last.force)
            present = max(self._observer.force, self.tuning.contact_force)
            self._target = self._aim = present
            self._reference.restart(present)
            self._begin_hold()
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

    # ---- the step -----------------------------------------------------------------------------------------------

    @property
    def stiffness(self) -> float:
        """Present estimate of the stiffness, N/m."""
        return self._stiffness

    @property
    def contact_force(self) -> float:
        """N above which the stack is in contact."""
        return self.tuning.contact_force

    @property
    def learned(self) -> Mapping[str, str]:
        """What the loop has learned of the press, for people."""
        return {
            "Stiffness (N/m)": f"{self.stiffness:.3g}",
            "Drift (N/s)": f"{self._observer.drift:.3g}",
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
            self._note_movement(sample.time, dt)
            self._velocity = law(sample, dt)
            lost = self._watch.lost
            if lost:
                self.freeze()
        regulating = self.stage in REGULATING
        setpoint = self._reference.value if regulating else math.nan
        return ForceOutput(self._velocity, self.stage, self._target, setpoint, lost)

    def _note_movement(self, now: float, dt: float) -> None:
        # What a movement does to the force is told by the stiffness for which it was commanded.
        moved = self._velocity * dt
        self._travel.step(now, moved)
        self._effect.step(now, self._stiffness * moved)

    def _coast(self, sample: ForceSample, last: ForceSample | None) -> float:
        """One lost answer of the bus is no reason to give up, nor to stop balancing creep and expansion."""
        brief = last is not None and sample.time - last.time <= LONGEST_COAST
        holding = brief and self.stage is Stage.HOLD
        return -self._observer.drift / self._stiffness if holding else 0.0

    def _set_target(self, force: float, rate: float) -> None:
        if not self._regulating():
            self._start_regulating(self._present_force())
        standing = self._reference.value
        if (force - standing) * self._reference.rate <= 0.0:
            # From rest or after a reversal the stack answers elastically, much stiffer than while it was compacted.
            self._ramp_stiffness.restart(max(self._stiffness, self.tuning.frame_stiffness))
        self._target = self._aim = force
        self._rate = rate
        self._watch.restart()

    def _start_regulating(self, force: float) -> None:
        self._reference.restart(force)
        self._observer.restart(force)
        self._travel.restart()
        self._effect.restart()
        self._ramp_stiffness.restart(self.tuning.frame_stiffness)
        self._stiffness = self._ramp_stiffness.value
        self._watch.restart()

    def _present_force(self) -> float:
        return 0.0 if self._last is None else self._last.force

    def _regulating(self) -> bool:
        return self.stage in REGULATING

    def _in_contact(self) -> bool:
        return self._regulating() or self._present_force() > self.tuning.contact_force

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
            self._start_regulating(sample.force)
            self.stage = Stage.RAMP
            self._felt_at = sample.time
            return 0.0
        touch = tuning.touch_velocity_for(self._target)
        distance = max(0.0, tuning.touch_position - sample.position - dt * self._velocity)
        wanted = min(
            tuning.approach_velocity, touch + math.sqrt(2.0 * tuning.ram_acceleration * distance)
        )
        return self._slew(wanted, dt)

    def _regulate(self, sample: ForceSample, dt: float) -> float:
        tuning, reference, observer = self.tuning, self._reference, self._observer
        noise = NOISE_SHARE * sample.uncertainty
        if self._felt_at is not None:
            return self._feel(sample, self._felt_at, noise)
        moved = self._effect.felt
        self._watch.step(sample, moved, noise, rising=reference.rate >= 0.0)
        travel = self._travel.felt
        growth = self._growth.step(dt, sample.temperature, sample.current)
        grown = self._stiffness * growth * dt
        observer.step(dt, travel, moved + grown, sample.force, noise, self._agility())
        self._learn(sample, dt, noise)
        if self._target > reference.value:
            self._aim = self._target - RESERVE * sample.uncertainty
        self._lead(dt)
        self._tell_stage()
        drift = observer.drift + self._stiffness * growth
        coming = observer.force + self._effect.pending + drift * tuning.dead_time
        closing = (reference.value - coming) / (RESPONSE * tuning.dead_time)
        velocity = (reference.rate - drift + closing) / self._stiffness
        return clamp(velocity, -tuning.press_velocity, tuning.press_velocity)

    def _lead(self, dt: float) -> None:
        """Move the reference on."""
        reference, before = self._reference, abs(self._reference.rate)
        reference.step(dt, self._aim, self._rate_limit(), self._acceleration())
        if abs(reference.rate) < before:
            # What looked like a drift in the ramp was mostly the stiffness, and ends with the movement.
            self._observer.drift *= abs(reference.rate) / before

    def _feel(self, sample: ForceSample, since: float, noise: float) -> float:
        """Find out how stiff the stack is at the first contact, where nobody knows.

        Stand still until what was moved has had its effect, then creep on ever faster until the slope tells.
        """
        stiffness = self._ramp_stiffness
        stiffness.step(sample.position, sample.force, noise)
        self._reference.restart(sample.force)
        self._observer.restart(sample.force)
        waited = sample.time - since - self.tuning.dead_time
        if waited < 0.0:
            return 0.0
        if stiffness.known or sample.force >= self._target:
            self._felt_at = None
            self._stiffness = stiffness.value
            self._effect.adopt(self._travel, self._stiffness)
            self._reference.restart(sample.force + self._effect.pending)
            return 0.0
        return self._feeling_velocity(sample, waited)

    def _feeling_velocity(self, sample: ForceSample, waited: float) -> float:
        """Return a velocity (m/s) that doubles every dead time, up to what even the stiffest stack bears."""
        tuning = self.tuning
        room = FELT_SHARE * (self._target - sample.force) / tuning.frame_stiffness
        fastest = min(tuning.press_velocity, room / (tuning.dead_time + FEELING_TIME))
        doublings = min(waited / tuning.dead_time, 40.0)
        return min(self._rate / tuning.frame_stiffness * 2.0**doublings, fastest)

    def _tell_stage(self) -> None:
        standing = self._reference.rate == 0.0 and self._reference.value == self._aim
        if self.stage is Stage.UNLOAD:
            return
        if standing and self.stage is Stage.RAMP:
            self._begin_hold()
        elif not standing:
            self.stage = Stage.RAMP

    def _begin_hold(self) -> None:
        self.stage = Stage.HOLD
        guess = max(self._stiffness, HOLD_GUESS * self.tuning.frame_stiffness)
        self._hold_stiffness.restart(guess)
        self._stiffness = guess

    def _learn(self, sample: ForceSample, dt: float, noise: float) -> None:
        if self.stage is Stage.HOLD:
            seen = self._observer
            self._stiffness = self._hold_stiffness.step(
                dt, seen.sensitivity, seen.surprise, seen.deviation
            )
        elif abs(self._reference.rate) >= LEARNING * self._rate_limit():
            ramp = self._ramp_stiffness
            self._stiffness = ramp.step(sample.position, sample.force, noise)
            if ramp.known:
                # The slope holds the drift as well.
                self._observer.drift -= self._observer.drift * min(1.0, dt / DRIFT_LEAK)

    def _rate_limit(self) -> float:
        return min(self._rate, 0.8 * self.tuning.press_velocity * self._stiffness)

    def _agility(self) -> float:
        """Return how fast the drift may change by itself, N/s^2."""
        still = EXPANSION_AGILITY * self._stiffness + FADING * abs(self._observer.drift)
        return still + RAMP_AGILITY * abs(self._reference.rate) / BUILD_UP_TIME

    def _acceleration(self) -> float:
        full = self._rate / BUILD_UP_TIME
        if self._target <= 0.0:
            return full
        # A small target is approached so gently that the last build-up time covers no more than the target itself.
        return min(full, self._target / BUILD_UP_TIME**2)

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
