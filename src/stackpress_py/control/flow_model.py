"""What is known of a pump and a valve that take fractions, and of the stack between them: force, drift, gains, bands.

One of the two acts at a time; the filter (:mod:`stackpress_py.control.flow_filter`) learns its gain and band. What it
knew of the other one waits in that one's throttle, and is taken up again with a doubt: the stack, the frame and the
oil have become stiffer or softer meanwhile.

SI units.
"""

import math

from stackpress_py.control.course import Course
from stackpress_py.control.flow_filter import FlowFilter
from stackpress_py.control.law import NOISE_SHARE, ForceSample
from stackpress_py.control.throttle import Throttle

#: N/s, and part of the force each second, by which a stack may well drift of which nothing is known.
DRIFT, DRIFT_SHARE = 1.0, 2.5e-3
#: How a drift may change: N/s in a second, and part of the force beside; part of itself each second; part of the ramp's
#: rate each second.
DRIFT_WALK, DRIFT_WALK_SHARE, FADING, RAMP_WALK = 0.05, 3e-5, 0.1, 0.02
#: Delays that the drift takes at least to be learned in a hold.
QUICKEST = 3.0
#: How the logarithm of the gain may change in a second of a ramp, and of a hold; and how its variance grows while the
#: force changes to its e-fold.
GAIN_WALK, GAIN_WALK_IN_HOLD, CHANGING = 0.15, 0.02, 0.5
#: How a band may change in a second.
BAND_WALK = 2e-5
#: Power of the force with which the gains of pump (1) and valve (-1) go from one use to the next: stack, frame and oil
#: are softer at small forces, and the valve lets less through; doubt of the logarithm then for each e-fold; N, least
#: force that is reckoned with.
SOFTER, SOFTER_DOUBT, LEAST_FORCE = {1.0: 0.4, -1.0: 0.6}, 0.3, 10.0
#: Standard deviation of the gain's logarithm at a new target; after a first touch; of the difference of pump and valve.
UNSURE, TOUCHED, ALIKE = 0.3, 0.5, 0.6


class FlowModel:
    """Learns from every sample.

    Args:
        pump, valve: the actuators, one of which acts at a time.

    Attributes:
        acting: the one that acts, or acted last.
        working: it flows, or may still flow.
        rested: s since when both rest.
    """

    def __init__(self, pump: Throttle, valve: Throttle) -> None:
        self.acting = pump
        self.working = True
        self.rested = 0.0
        self._pump, self._valve = pump, valve
        self._filter = FlowFilter()
        self._filter.take(pump.gain, pump.gain_variance, pump.band, pump.doubt**2)
        self._touched = 0.0

    @property
    def force(self) -> float:
        """Best estimate of the present force, N."""
        return self._filter.force

    @property
    def doubt(self) -> float:
        """N, standard deviation of that estimate."""
        return math.sqrt(self._filter.force_variance)

    @property
    def drift(self) -> float:
        """N/s by which the force changes beside the flow."""
        return self._filter.drift

    @property
    def noise(self) -> float:
        """N, standard deviation of a measurement, as it turned out."""
        return self._filter.noise

    @property
    def moved(self) -> float:
        """N by which the one that acts has changed the force in the last step."""
        return self._filter.moved

    @property
    def drift_doubt(self) -> float:
        """N/s, standard deviation of the drift."""
        return math.sqrt(self._filter.drift_variance)

    @property
    def gain(self) -> float:
        """N/s for each unit of level beyond the band of the one that acts."""
        return self._filter.gain

    @property
    def caution(self) -> float:
        """Factor by which that gain may well be larger, >= 1."""
        return math.exp(math.sqrt(self._filter.gain_variance))

    @property
    def coming(self) -> float:
        """The force (N) when everything that was commanded has had its effect."""
        seen, acting = self._filter, self.acting
        flowing = acting.sign * seen.gain * acting.coming() if self.working else 0.0
        return seen.force + flowing + seen.drift * acting.delay

    @property
    def searching(self) -> bool:
        """True while the one that acts has not answered yet and can still be opened further."""
        return 0.0 < self.acting.level < 1.0

    # ---- who acts -----------------------------------------------------------------------------------------------

    def restart(self, sample: ForceSample) -> None:
        """Begin at a force that is on the stack."""
        self._use(self._pump)
        self._stand(sample)
        self.working = True
        self._touched = 0.0
        self.aim()

    def _stand(self, sample: ForceSample) -> None:
        usual = DRIFT + DRIFT_SHARE * abs(sample.force)
        self._filter.restart(sample.force, NOISE_SHARE * sample.uncertainty, usual)

    def settle(self, sample: ForceSample, dt: float) -> bool:
        """Take a sample while a first touch has its effect; return True when that is over."""
        pump, seen = self._pump, self._filter
        pump.step(sample.time)
        self._valve.step(sample.time)
        self._touched += max(0.0, pump.felt - pump.band) * dt
        if not pump.quiet:
            return False
        risen, begun = sample.force - seen.force, self._touched
        self._stand(sample)
        if risen > 0.0 and begun > 0.0:
            seen.take(risen / begun, TOUCHED**2, pump.band, pump.doubt**2)
        return True

    def aim(self) -> None:
        """Go to another target from here on."""
        self._filter.gain_variance = max(self._filter.gain_variance, UNSURE**2)

    def begin(self, chosen: Throttle) -> None:
        """Let one of them act, from rest or while it still flows."""
        self._use(chosen)
        self.working = True

    def _use(self, chosen: Throttle) -> None:
        if chosen is self.acting:
            return
        seen, before = self._filter, self.acting
        force = max(seen.force, LEAST_FORCE)
        before.gain, before.gain_variance = seen.gain, seen.gain_variance
        before.force = force
        self.acting = chosen
        if chosen.force > 0.0:
            change = math.log(force / chosen.force)
            gain = chosen.gain * math.exp(SOFTER[chosen.sign] * change)
            variance = chosen.gain_variance + (SOFTER_DOUBT * change) ** 2
        else:
            # It has not acted yet. Whoever builds a press makes its valve about as large as its pump.
            gain, variance = before.gain, before.gain_variance + ALIKE**2
        seen.take(gain, variance, chosen.band, chosen.doubt**2)

    # ---- learning -----------------------------------------------------------------------------------------------

    def step(self, sample: ForceSample, dt: float, course: Course) -> None:
        """Take a sample that comes ``dt`` s (> 0) after the last one."""
        self._pump.step(sample.time)
        self._valve.step(sample.time)
        seen, acting = self._filter, self.acting
        noise = NOISE_SHARE * sample.uncertainty
        seen.step(dt, acting.sign, acting.felt, sample.force, noise, self._walks(dt, course))
        acting.band, acting.doubt = seen.band, math.sqrt(max(0.0, seen.band_variance))
        if not acting.quiet:
            return
        if self.working:
            self.working, self.rested = False, 0.0
        self.rested += dt

    def _walks(self, dt: float, course: Course) -> tuple[float, float, float]:
        """Return the variances by which drift, gain and band may change."""
        seen, acting = self._filter, self.acting
        drift = (DRIFT_WALK + DRIFT_WALK_SHARE * abs(seen.force)) ** 2 * dt
        fading = FADING * abs(seen.drift)
        if course.standing:
            quickest = (seen.noise * dt) ** 2 / (QUICKEST * acting.delay) ** 4
            drift = min(drift + (fading * dt) ** 2, quickest)
        else:
            drift += ((fading + RAMP_WALK * course.full_rate) * dt) ** 2
        if acting.felt <= 0.0:
            return drift, 0.0, 0.0
        gain = GAIN_WALK_IN_HOLD**2
        if not course.standing:
            gain = GAIN_WALK**2 + CHANGING * abs(course.rate) / max(seen.force, LEAST_FORCE)
        return drift, gain * dt, BAND_WALK**2 * dt
