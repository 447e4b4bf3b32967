"""How a ram in contact brings a force to its target and keeps it there: reference, observer, learning, one velocity.

A reference leads to the target within limits of rate, its change and jerk. An observer
(:mod:`stackpress_py.control.observer`) tells the force and how it drifts by itself, and with the movements that are
commanded but not yet felt, the force that will be there one dead time from now. The ram then moves as the reference
does, against the drift, and closes what is left between reference and coming force. A force that merely follows late
so causes no correction, and a creeping stack is followed without an integral that could wind up.

All of it is scaled by the stiffness, which is learned (:mod:`stackpress_py.control.stiffness`).

SI units; forces compressive-positive, positions and velocities positive towards closing.
"""

from dataclasses import dataclass

from stackpress_py.control.feed_forward import FeedForward
from stackpress_py.control.law import NOISE_SHARE, ForceSample
from stackpress_py.control.movement import Movement
from stackpress_py.control.observer import DriftObserver
from stackpress_py.control.reference import SmoothReference, clamp
from stackpress_py.control.reserve import reserve, settled
from stackpress_py.control.stiffness import LEAST_TRAVEL, SPAN, HoldStiffness, RampStiffness
from stackpress_py.control.yielding import YieldWatch

#: Dead times in which an error between reference and coming force is closed. A loop with this dead time and no
#: prediction would begin to oscillate below 2 / pi; what is above it is margin for a stiffness that is not known well.
RESPONSE = 3.0
#: s in which the reference builds up its full rate, and s over which that is smoothed.
BUILD_UP_TIME = 0.4
SMOOTHING = 0.2
#: Part of the missing force that finding out how stiff the stack is may take, and s that it takes once the ram moves.
FELT_SHARE = 0.3
FEELING_TIME = 0.1
#: Part of its full rate at which the reference must move so that the slope teaches: a ramp that ends shows more of
#: creep than of stiffness.
LEARNING = 0.7
#: s in which the slope of a ramp takes over what the drift explained.
DRIFT_LEAK = 0.3
#: Part of the target within which a force has arrived, and s after which it has, however far off it is.
ARRIVED = 1e-3
LONGEST_ARRIVAL = 2.0
#: Softest stack that is believed, relative to the frame; and the stiffest, for a frame that is better than measured.
SOFTEST, STIFFEST = 1e-3, 1.2
#: What a stack is taken for when a hold begins, relative to the frame: it is elastic then, however soft it was when it
#: was compacted. A guess that is too stiff makes the loop slow, one that is too soft makes it swing.
HOLD_GUESS = 0.5
#: How fast a drift may change. In a hold: m/s^2, by which thermal expansion speeds up, and by which what was just
#: pressed calms down within some s; and 1/s, by which a drift may fade. While the reference moves also a part of its
#: rate.
EXPANSION_AGILITY = 1e-8
RELAXING_AGILITY, RELAXING = 4e-8, 5.0
FADING = 0.1
RAMP_AGILITY = 0.05
#: Part of the largest velocity that a ramp may need; the rest is for corrections.
RAMP_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class RegulatorTuning:
    """What a regulator must know of the press.

    Attributes:
        dead_time: s from a command to its effect in the measured force.
        frame_stiffness: N/m of the press on something hard.
        contact_force: N above which the stack is in contact.
        press_velocity: m/s, largest.
        thermal_expansion: m/K by which the stack grows with the platens' mean temperature.
    """

    dead_time: float
    frame_stiffness: float
    contact_force: float
    press_velocity: float
    thermal_expansion: float


class Regulator:
    """Answers each sample of a stack in contact with a velocity.

    Attributes:
        target: N.
        stiffness: N/m, present estimate.
        holding: the reference stands at the target.
    """

    def __init__(self, tuning: RegulatorTuning) -> None:
        self._tuning = tuning
        softest, stiffest = SOFTEST * tuning.frame_stiffness, STIFFEST * tuning.frame_stiffness
        self._ramp_stiffness = RampStiffness(softest, stiffest)
        self._hold_stiffness = HoldStiffness(softest, stiffest)
        self._reference = SmoothReference(0.0, SMOOTHING)
        self._observer = DriftObserver(tuning.dead_time)
        self._growth = FeedForward(tuning.thermal_expansion)
        self._watch = YieldWatch(tuning.contact_force)
        self._movement = Movement(tuning.dead_time)
        self.stiffness = tuning.frame_stiffness
        self.target = self._aim = self._rate = 0.0
        self.holding = False
        self._rising = True
        self._stood = 0.0
        self._touched: ForceSample | None = None

    @property
    def setpoint(self) -> float:
        """Present set-point, N."""
        return self._reference.value

    @property
    def force(self) -> float:
        """Best estimate of the present force, N."""
        return self._observer.force

    @property
    def drift(self) -> float:
        """N/s by which the force changes without the ram."""
        return self._observer.drift

    @property
    def balance(self) -> float:
        """Velocity (m/s) that balances the drift."""
        return -self._observer.drift / self.stiffness

    @property
    def lost(self) -> str:
        """One sentence if the stack gave way at the last sample; else empty."""
        return self._watch.lost

    # ---- commands -----------------------------------------------------------------------------------------------

    def restart(self, force: float) -> None:
        """Begin at a force (N) that stands, of a stack that nothing is known of."""
        self._reference.restart(force)
        self._observer.restart(force)
        self._movement.restart()
        self._ramp_stiffness.restart(self._tuning.frame_stiffness)
        self.stiffness = self._ramp_stiffness.value
        self._touched = None
        self.holding = False

    def touch(self, sample: ForceSample) -> None:
        """Begin at the first contact: find out first how stiff the stack is."""
        self.restart(sample.force)
        self._touched = sample

    def aim(self, target: float, rate: float) -> None:
        """Lead the force to a target (N, >= 0) at no more than a rate (N/s, > 0)."""
        self._rate = rate
        if self.holding and target == self.target:
            return
        reference = self._reference
        if (target - reference.value) * reference.rate <= 0.0:
            # From rest or after a reversal the stack answers elastically, much stiffer than while it was compacted.
            self._ramp_stiffness.restart(max(self.stiffness, self._tuning.frame_stiffness))
        self.target = self._aim = target
        self.holding = False
        self._watch.restart()

    def stay(self, force: float) -> None:
        """Hold a force (N) from now on, without a ramp."""
        self.target = self._aim = force
        self._reference.restart(force)
        self._touched = None
        self._begin_hold()
        self._watch.restart()

    # ---- the step -----------------------------------------------------------------------------------------------

    def note(self, now: float, dt: float, velocity: float) -> None:
        """Note the velocity (m/s) that was commanded during the last ``dt`` s."""
        travel = velocity * dt
        self._movement.step(now, dt, travel, self.stiffness * travel)

    def step(self, sample: ForceSample, dt: float) -> float:
        """Return the velocity (m/s) for a sample that comes ``dt`` s (> 0) after the last one."""
        noise = NOISE_SHARE * sample.uncertainty
        if self._touched is not None:
            return self._feel(sample, self._touched, noise)
        tuning, reference, observer = self._tuning, self._reference, self._observer
        movement, stiffness = self._movement, self.stiffness
        heard = max(noise, self._observer.deviation)
        self._watch.step(sample, movement.force, heard, rising=reference.rate >= 0.0)
        growth = self._growth.step(dt, sample.temperature, sample.current)
        moved = movement.force + stiffness * growth * dt
        observer.step(dt, movement.travel, moved, sample.force, noise, self._agility())
        self._learn(sample, dt, noise)
        self._lead(dt, sample.uncertainty, noise)
        if self.holding:
            self._growth.learn(dt, observer.drift / self.stiffness)
        drift = observer.drift + self.stiffness * growth
        coming = observer.force + movement.coming_force + drift * tuning.dead_time
        closing = (reference.value - coming) / (RESPONSE * tuning.dead_time)
        velocity = (reference.rate - drift + closing) / self.stiffness
        velocity = clamp(velocity, -tuning.press_velocity, tuning.press_velocity)
        return velocity if self.holding else self._onward(velocity)

    def _onward(self, velocity: float) -> float:
        """Return a velocity (m/s) that does not turn round in a ramp.

        A stack that is soft while it is compacted is stiff against a ram that goes back. So a ramp that is ahead waits
        for its reference, and what is too much at its end is taken back carefully.
        """
        if (velocity > 0.0) is self._rising:
            return velocity
        if self._reference.rate != 0.0:
            return 0.0
        return velocity * self.stiffness / self._hold_guess()

    def _hold_guess(self) -> float:
        if self._ramp_stiffness.known and not self._rising:
            return self.stiffness  # a stack that was relieved has shown how stiff it is
        return max(self.stiffness, HOLD_GUESS * self._tuning.frame_stiffness)

    def _lead(self, dt: float, uncertainty: float, noise: float) -> None:
        """Move the reference on."""
        reference = self._reference
        before = abs(reference.rate)
        if self.target > reference.value and before >= LEARNING * self._rate_limit():
            # Not any more once the ramp ends: an aim that moves with the noise is never reached.
            excess = self._observer.deviation - noise
            self._aim = self.target - reserve(self.target, uncertainty, excess)
        reference.step(dt, self._aim, self._rate_limit(), self._acceleration())
        now = abs(reference.rate)
        if now > 0.0:
            self._rising = reference.rate > 0.0
        if now < before:
            # What looked like a drift in the ramp was mostly the stiffness, and ends with the movement.
            self._observer.drift *= now / before
        if now > 0.0 or reference.value != self._aim:
            self.holding = False
            self._stood = 0.0
        elif self.target > 0.0:
            self._stood += dt
            if self.holding:
                self._aim = settled(self._aim, self.target, uncertainty, dt)
                reference.restart(self._aim)
            else:
                self._arrive(noise)

    def _arrive(self, noise: float) -> None:
        """Begin to hold once the force has followed the reference: until then the stack is what it was in the ramp."""
        missing = abs(self._reference.value - self._observer.force)
        if missing <= max(noise, ARRIVED * self.target) or self._stood > LONGEST_ARRIVAL:
            self._begin_hold()

    def _begin_hold(self) -> None:
        self.holding = True
        self._hold_stiffness.restart(self._hold_guess())
        self.stiffness = self._hold_stiffness.value

    def _learn(self, sample: ForceSample, dt: float, noise: float) -> None:
        seen = self._observer
        if self.holding:
            self.stiffness = self._hold_stiffness.step(
                dt, seen.sensitivity, seen.surprise, seen.deviation
            )
        elif abs(self._reference.rate) >= LEARNING * self._rate_limit():
            self._learn_slope(sample, dt, max(noise, seen.deviation))

    def _learn_slope(self, sample: ForceSample, dt: float, noise: float) -> None:
        ramp, known = self._ramp_stiffness, self._ramp_stiffness.known
        self.stiffness = ramp.step(sample.position, sample.force, noise)
        if not ramp.known:
            return
        # The slope holds the drift as well; the first one replaces a mere guess, and all that followed from it.
        leak = min(1.0, dt / DRIFT_LEAK) if known else 1.0
        self._observer.drift *= 1.0 - leak
        if not known:
            self._movement.take_for(self.stiffness)

    def _rate_limit(self) -> float:
        return min(self._rate, RAMP_SHARE * self._tuning.press_velocity * self.stiffness)

    def _acceleration(self) -> float:
        full = self._rate / BUILD_UP_TIME
        if self.target <= 0.0:
            return full
        # A small target is approached so gently that the last build-up time covers no more than the target itself.
        return min(full, self.target / BUILD_UP_TIME**2)

    def _agility(self) -> float:
        """Return how fast the drift may change by itself, N/s^2."""
        relaxing = RELAXING_AGILITY / (1.0 + (self._stood / RELAXING) ** 2)
        still = (EXPANSION_AGILITY + relaxing) * self.stiffness
        still += FADING * abs(self._observer.drift)
        return still + RAMP_AGILITY * abs(self._reference.rate) / BUILD_UP_TIME

    # ---- the first contact --------------------------------------------------------------------------------------

    def _feel(self, sample: ForceSample, touched: ForceSample, noise: float) -> float:
        """Stand still until what was moved has had its effect, then creep on ever faster until the slope tells."""
        ramp = self._ramp_stiffness
        ramp.step(sample.position, sample.force, noise)
        self._reference.restart(sample.force)
        self._observer.restart(sample.force)
        waited = sample.time - touched.time - self._tuning.dead_time
        if waited < 0.0:
            return 0.0
        if ramp.known or sample.force >= self.target:
            self._touched = None
            self.stiffness = ramp.value
            self._movement.take_for(ramp.value)
            self._reference.restart(sample.force + self._movement.coming_force)
            return 0.0
        return self._feeling_velocity(sample, touched, waited, noise)

    def _feeling_velocity(
        self, sample: ForceSample, touched: ForceSample, waited: float, noise: float
    ) -> float:
        """Return a velocity (m/s) that doubles every dead time, up to what the stiffest possible stack bears."""
        tuning = self._tuning
        travel = max(sample.position - touched.position, LEAST_TRAVEL)
        risen = max(0.0, sample.force - touched.force) + SPAN * noise
        stiffest = min(tuning.frame_stiffness, risen / travel)
        room = FELT_SHARE * (self.target - sample.force) / stiffest
        fastest = min(tuning.press_velocity, room / (tuning.dead_time + FEELING_TIME))
        growth: float = 2.0 ** min(waited / tuning.dead_time, 40.0)
        return min(self._rate / tuning.frame_stiffness * growth, fastest)
