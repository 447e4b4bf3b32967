"""What is known of a pump and a valve that take fractions, and of the stack between them: force, drift, gains, bands.

How strongly an actuator acts changes a hundredfold with the stack, and its dead band is not known well. The gain is
learned in ramps (:mod:`stackpress_py.control.flow_filter`), and the band while there is little flow: at the end of a
ramp and in holds. What the ramp was driven with then tells the gain again, with the better band.

SI units.
"""

import math

from stackpress_py.control.course import Course
from stackpress_py.control.flow_filter import FlowFilter
from stackpress_py.control.law import NOISE_SHARE, ForceSample
from stackpress_py.control.throttle import Throttle

#: Part of its full rate at which the set-point must move so that the gain is learned.
LEARNING = 0.7
#: Part of itself by which the gain may change in a second of a ramp, one standard deviation.
GAIN_WALK = 0.15
#: Part of its square by which the gain's variance grows beside while the force changes to its e-fold; power of the force
#: with which the gain goes from one use of an actuator to the next, for stack, frame and oil are softer at small forces;
#: part of itself by which it is doubted then for each e-fold; N, least force that is reckoned with.
CHANGING, SOFTER, DOUBT_SHARE, LEAST_FORCE = 0.5, {1.0: 0.4, -1.0: 0.6}, 0.3, 10.0
#: How a drift may change: N/s in a second, and part of the force beside; part of itself each second; part of the ramp's
#: rate each second.
DRIFT_WALK, DRIFT_WALK_SHARE, FADING, RAMP_WALK = 0.1, 1e-4, 0.1, 0.02
#: Delays that the drift takes at least to be learned in a hold.
QUICKEST = 3.0
#: s in which the band takes over what the drift says: a band that is too high makes the force overshoot, and is
#: corrected sooner. Least doubt of a band.
RAISING, LOWERING, LEAST_DOUBT = 1.0, 0.4, 3e-5
#: s over which the level and rate of a ramp are averaged, s of a hold in which they still tell the gain, and largest
#: factor that they may tell.
RAMP_AVERAGE, TELLING, LARGEST_FACTOR = 2.0, 5.0, 6.0
#: Part of itself within which a gain must be known so that a drift is taken for an error of the band; least level
#: beyond the band that a ramp may need: with less the band is too high.
KNOWN, UNSURE, LEAST_EXCESS = 0.3, 0.5, 0.5
#: Doubt of a band above which it must first show where it begins to flow, and standard deviations of the noise by
#: which the force then answers clearly.
KNOWN_DOUBT, CLEAR = 2e-3, 5.0
#: s of a rest after which the drift is known.
RESTED = 0.3
#: Part of the flow that is expected below which an actuator does not answer, s after which its level is raised for
#: that, and part of itself by which it is raised in a second.
SILENT, SILENT_TIME, SEARCH = 0.25, 1.0, 0.1


class FlowModel:
    """Learns from every sample.

    Args:
        pump, valve: the actuators, one of which acts at a time.

    Attributes:
        acting: the one that acts, or acted last.
        working: it flows, or may still flow.
        rested: s since when both rest.
        rest_drift: N/s by which the force changed by itself when both rested last in this hold; NaN: they have not.
    """

    def __init__(self, pump: Throttle, valve: Throttle) -> None:
        self.acting = pump
        self.working = True
        self.rested, self.rest_drift = 0.0, math.nan
        self._pump, self._valve = pump, valve
        self._filter = FlowFilter()
        self._filter.take(pump.gain, pump.gain_variance)
        self._held = self._silent = self._touched = 0.0
        self._answered = True
        self._acted = self._begun = 0.0
        self._ramp: tuple[float, float, float] | None = None
        self._ramp_gain = 0.0

    @property
    def force(self) -> float:
        """Best estimate of the present force, N."""
        return self._filter.force

    @property
    def drift(self) -> float:
        """N/s by which the force changes beside the known flow."""
        return self._filter.drift

    @property
    def noise(self) -> float:
        """N, standard deviation of a measurement, as it turned out."""
        return self._filter.noise

    @property
    def gain(self) -> float:
        """N/s for each unit of level of the one that acts, carefully: rather more than less."""
        return self._filter.gain + math.sqrt(max(0.0, self._filter.gain_variance))

    @property
    def coming(self) -> float:
        """The force (N) when everything that was commanded has had its effect."""
        seen, acting = self._filter, self.acting
        flowing = acting.sign * seen.gain * acting.coming() if self.working else 0.0
        return seen.force + flowing + seen.drift * acting.delay

    @property
    def _known(self) -> bool:
        """True if the gain of the one that acts is known well enough to be left alone in a hold."""
        return self._filter.gain_variance <= (KNOWN * self._filter.gain) ** 2

    @property
    def searching(self) -> bool:
        """True while the one that acts has not answered yet and can still be opened further."""
        return self._silent > 0.0 and 0.0 < self.acting.level < 1.0

    # ---- who acts -----------------------------------------------------------------------------------------------

    def restart(self, sample: ForceSample) -> None:
        """Begin at a force that is on the stack."""
        self._filter.restart(sample.force, NOISE_SHARE * sample.uncertainty)
        self._use(self._pump)
        self.working = True
        self._touched = 0.0
        self._answered = True
        self.aim()

    def settle(self, sample: ForceSample) -> bool:
        """Take a sample while a first touch has its effect; return True when that is over."""
        self._pump.step(sample.time)
        self._valve.step(sample.time)
        self._touched += self.acting.felt
        if not self.acting.quiet:
            return False
        risen, begun = sample.force - self._filter.force, self._touched
        self._filter.restart(sample.force, NOISE_SHARE * sample.uncertainty)
        if risen > 0.0 and begun > 0.0:
            self._filter.take(risen / begun, 0.0)
        self.aim()
        return True

    def aim(self) -> None:
        """Go to another target from here on."""
        self._ramp, self.rest_drift = None, math.nan
        self._held = 0.0
        seen = self._filter
        seen.learn_gain(self._answered)
        seen.gain_variance = max(seen.gain_variance, (UNSURE * seen.gain) ** 2)

    def begin(self, chosen: Throttle) -> None:
        """Let one of them act, from rest or while it still flows."""
        self._use(chosen)
        if not self.working:
            self._filter.doubt_drift(0.0, (self._filter.gain * chosen.doubt) ** 2)
        self.working = True
        self._silent = 0.0
        self._answered = chosen.doubt < KNOWN_DOUBT
        self._acted, self._begun = 0.0, self._filter.force
        if not self._answered:
            # Until it flows, that the force does not answer says nothing of the gain.
            self._filter.learn_gain(False)

    def _use(self, chosen: Throttle) -> None:
        if chosen is self.acting:
            return
        seen, before = self._filter, self.acting
        before.gain, before.gain_variance = seen.gain, seen.gain_variance
        before.force = max(seen.force, LEAST_FORCE)
        self.acting = chosen
        change = max(seen.force, LEAST_FORCE) / chosen.force if chosen.force > 0.0 else 1.0
        gain = chosen.gain * change**SOFTER[chosen.sign]
        doubt = gain * min(1.0, DOUBT_SHARE * abs(math.log(change)))
        seen.take(gain, (gain / chosen.gain) ** 2 * chosen.gain_variance + doubt * doubt)

    # ---- learning -----------------------------------------------------------------------------------------------

    def step(self, sample: ForceSample, dt: float, course: Course) -> None:
        """Take a sample that comes ``dt`` s (> 0) after the last one."""
        self._pump.step(sample.time)
        self._valve.step(sample.time)
        if course.standing and self._held == 0.0:
            self._filter.learn_gain(False)
        self._held = self._held + dt if course.standing else 0.0
        ramping = abs(course.rate) > LEARNING * course.full_rate
        self._observe(sample, dt, course, ramping)
        if self.acting.quiet:
            self._learn_drift(dt)
        else:
            self._learn_band(sample, dt, course, ramping)

    def _observe(self, sample: ForceSample, dt: float, course: Course, ramping: bool) -> None:
        seen, acting = self._filter, self.acting
        walk = (DRIFT_WALK + DRIFT_WALK_SHARE * abs(seen.force)) ** 2 * dt
        fading = FADING * abs(seen.drift)
        if course.standing:
            quickest = (seen.noise * dt) ** 2 / (QUICKEST * acting.delay) ** 4
            walk = min(walk + (fading * dt) ** 2, quickest)
        else:
            walk += ((fading + RAMP_WALK * course.full_rate) * dt) ** 2
        gain_walk = 0.0
        if not course.standing and acting.felt > 0.0:
            changing = GAIN_WALK**2 + CHANGING * abs(course.rate) / max(seen.force, LEAST_FORCE)
            gain_walk = changing * seen.gain**2 * dt
        noise = NOISE_SHARE * sample.uncertainty
        seen.step(dt, acting.sign * acting.felt, sample.force, noise, walk, gain_walk)

    def _learn_drift(self, dt: float) -> None:
        """Learn the drift of a stack that is left alone."""
        if self.working:
            self.working = False
            self._move_band(self._filter.drift, False)
            self._filter.forget_drift()
            self.rested = self._silent = 0.0
        self.rested += dt
        if self._held > 0.0 and self.rested > RESTED:
            self.rest_drift = self._filter.drift

    def _learn_band(self, sample: ForceSample, dt: float, course: Course, ramping: bool) -> None:
        """Learn the band of the one that acts: all that its flow does not explain."""
        seen, acting = self._filter, self.acting
        if ramping and acting.felt > 0.0:
            self._note_ramp(dt, course)
        if not seen.learns or self._known:
            time = RAISING if acting.sign * seen.drift < 0.0 else LOWERING
            slow = abs(course.rate) < 0.5 * course.full_rate
            self._move_band(min(1.0, dt / time) * seen.drift, slow)
        if not ramping:
            doubt = math.hypot(math.sqrt(seen.drift_variance) / seen.gain, LEAST_DOUBT)
            acting.doubt += min(0.0, doubt - acting.doubt) * min(1.0, dt / RAISING)
        self._search(sample, dt)

    def _note_ramp(self, dt: float, course: Course) -> None:
        """Note with what level the ramp is driven."""
        seen, acting = self._filter, self.acting
        excess, least = acting.felt / dt, LEAST_EXCESS * acting.doubt
        level = acting.band + excess
        if excess < least:
            acting.band = max(0.0, acting.band - (least - excess) * min(1.0, dt / LOWERING))
        seen.gain = min(seen.gain, course.full_rate / least)
        rate = seen.gain * acting.felt / dt + acting.sign * seen.drift
        self._ramp_gain = seen.gain
        now = (level, rate, max(seen.force, LEAST_FORCE))
        share = min(1.0, dt / RAMP_AVERAGE)
        before = now if self._ramp is None else self._ramp
        level, rate, force = (
            old + share * (new - old) for old, new in zip(before, now, strict=True)
        )
        self._ramp = (level, rate, force)

    def _move_band(self, drift: float, slow: bool) -> None:
        """Take a drift (N/s) for an error of the band; if it flows slowly, take the ramp for one of the gain."""
        seen, acting = self._filter, self.acting
        band = max(0.0, acting.band - acting.sign * drift / seen.gain)
        if self._ramp is not None and slow and self._held < TELLING:
            level, rate, force = self._ramp
            told = rate / max(level - band, 1e-9)
            told = min(told, LARGEST_FACTOR * self._ramp_gain)
            seen.gain = told * (max(seen.force, LEAST_FORCE) / force) ** SOFTER[acting.sign]
        acting.band = band
        seen.drift -= drift

    def _search(self, sample: ForceSample, dt: float) -> None:
        """Open one that does not answer further and further."""
        seen, acting = self._filter, self.acting
        expected = seen.gain * acting.felt
        if not self._answered:
            self._acted += dt
            changed = acting.sign * (sample.force - self._begun)
            if changed > CLEAR * seen.noise + seen.usual_drift * self._acted:
                self._answered = True
                seen.learn_gain(self._held == 0.0)
        silent = not self._answered or expected + acting.sign * seen.drift * dt < SILENT * expected
        if acting.level == 0.0 or expected <= 0.0 or not silent:
            self._silent = 0.0
            return
        self._silent += dt
        if self._silent > SILENT_TIME:
            acting.band = min(1.0, acting.band + SEARCH * acting.level * dt)
