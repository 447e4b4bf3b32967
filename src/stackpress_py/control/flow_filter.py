"""Force, drift, and how an actuator acts: a Kalman filter on a stack between a pump and a valve.

A stack that is fed with oil by an actuator of speed w beyond its dead band b answers with g * (w - b); otherwise its
force changes at a rate d: leak, creep, thermal expansion.

    dF/dt = g * max(0, w - b) + d

All four, force, drift, gain and band, are told from noisy forces and the commands that were felt. What changes slowly
at rest is drift; what changes with the speed is gain; what begins earlier or later than believed is the band. The band
is only known with a doubt, so that the expectation of the flow stands in place of the flow: it begins softly, and has a
slope where the flow itself has none (statistical linearisation). The gain's logarithm is estimated, for it changes a
hundredfold with the stack and is never negative. The filter becomes quick by itself while its predictions go wrong on
one side, and learns the sensor's noise.

SI units.
"""

import math

from stackpress_py.control.noise import LearnedNoise, Suspicion
from stackpress_py.control.reference import clamp
from stackpress_py.control.throttle import CLOSED, beyond

#: Largest factor of a variance while the predictions go wrong on one side.
LARGEST_ALARM = 1e4
#: Change of the gain's logarithm from one sample to the next, at most.
GAIN_STEP = 0.15
#: Share of a squared prediction error that enters the estimate of the noise.
NOISE_FORGETTING = 0.01
#: Largest variance of the gain's logarithm.
LARGEST_GAIN_VARIANCE = 1.0


class FlowFilter:
    """Force, drift, gain and band of one actuator at a time.

    Attributes:
        force: N, best estimate.
        drift: N/s by which it changes beside the flow.
        gain: N/s for each unit of speed beyond the band, positive.
        band: speed at which the flow begins.
        force_variance, drift_variance, band_variance: of these; ``gain_variance`` of the gain's logarithm.
        noise: N, standard deviation of a measurement, as it turned out.
        moved: N by which the flow has changed the force in the last step.
    """

    def __init__(self) -> None:
        self.moved = 0.0
        self.force = self.drift = self.band = 0.0
        self.gain = self.noise = 1.0
        self.force_variance = self.drift_variance = 1.0
        self.gain_variance = self.band_variance = 0.0
        self._fd = self._fg = self._fb = self._dg = self._db = self._gb = 0.0
        self._learned_noise = LearnedNoise(NOISE_FORGETTING)
        self._suspicion = Suspicion()

    def restart(self, force: float, noise: float, drift: float) -> None:
        """Begin at a force (N) that was measured with that noise (N), and may drift by so much (N/s)."""
        self.force, self.drift = force, 0.0
        self._suspicion.restart()
        self.force_variance = noise * noise
        self.drift_variance = drift * drift
        self._fd = self._fg = self._fb = self._dg = self._db = 0.0

    def take(self, gain: float, gain_variance: float, band: float, band_variance: float) -> None:
        """Go on with another actuator, or with other beliefs of this one."""
        self.gain, self.gain_variance = gain, min(LARGEST_GAIN_VARIANCE, gain_variance)
        self.band, self.band_variance = band, band_variance
        self._fg = self._fb = self._dg = self._db = self._gb = 0.0

    def step(
        self,
        dt: float,
        sign: float,
        speed: float,
        measured: float,
        noise: float,
        walks: tuple[float, float, float],
    ) -> None:
        """Take a sample.

        Args:
            dt: s since the last one, > 0.
            sign: 1 if the actuator raises the force, -1 if it lowers it.
            speed: of the actuator, mean since the last sample.
            measured: N.
            noise: N, declared standard deviation of the measurement, > 0.
            walks: variances by which drift, gain's logarithm and band may have changed since then; drift at rest and
                band while it flows may have changed by more if the predictions go wrong.
        """
        flow = chance = 0.0
        if speed > CLOSED:
            flow, chance = beyond(speed - self.band, math.sqrt(self.band_variance))
        self.moved = by_gain = sign * self.gain * flow * dt
        by_band = -sign * self.gain * chance * dt
        error = measured - self.force - self.drift * dt - by_gain
        suspicion = self._judge(dt, error, noise)
        fd = self._fd + dt * self.drift_variance + by_gain * self._dg + by_band * self._db
        fg = self._fg + dt * self._dg + by_gain * self.gain_variance + by_band * self._gb
        fb = self._fb + dt * self._db + by_gain * self._gb + by_band * self.band_variance
        ff = self.force_variance + dt * (self._fd + fd)
        ff += by_gain * (self._fg + fg) + by_band * (self._fb + fb)
        weight = 1.0 / (ff + self.noise * self.noise)
        gained = clamp(fg * weight * error, -GAIN_STEP, GAIN_STEP)
        self.force += self.drift * dt + by_gain + ff * weight * error
        self.drift += fd * weight * error
        self.gain *= math.exp(gained)
        self.band = max(0.0, self.band + fb * weight * error)
        drift_walk, gain_walk, band_walk = walks
        if chance < 0.5:
            drift_walk *= suspicion
        else:
            band_walk *= suspicion
        self.force_variance = ff * (1.0 - ff * weight)
        self._fd, self._fg, self._fb = (each * (1.0 - ff * weight) for each in (fd, fg, fb))
        self.drift_variance += drift_walk - fd * fd * weight
        self.gain_variance += gain_walk - fg * fg * weight
        # That nothing flows tells only where the band is not.
        self.band_variance += band_walk - fb * fb * weight * chance
        self._dg -= fd * fg * weight
        self._db -= fd * fb * weight
        self._gb -= fg * fb * weight
        if self.gain_variance > LARGEST_GAIN_VARIANCE:
            self._bound_gain()

    def _bound_gain(self) -> None:
        smaller = math.sqrt(LARGEST_GAIN_VARIANCE / self.gain_variance)
        self.gain_variance = LARGEST_GAIN_VARIANCE
        self._fg *= smaller
        self._dg *= smaller
        self._gb *= smaller

    def _judge(self, dt: float, error: float, noise: float) -> float:
        """Take a prediction error into noise and bias; return by how much faster things seem to change."""
        self.noise = self._learned_noise.step(error, noise)
        suspicion = self._suspicion.step(dt, error, self.noise)
        return min(suspicion**4, LARGEST_ALARM) if suspicion > 1.0 else 1.0
