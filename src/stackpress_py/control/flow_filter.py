"""Force, drift, and how strongly an actuator acts: a Kalman filter on a stack between a pump and a valve.

A stack that is fed with oil answers a flow u of the actuator by g * u, and otherwise its force changes at a rate d: a
leak, creep, thermal expansion, and what the actuator's dead band was taken wrongly for. All three, force, d and g, are
told from noisy forces and the commands that were felt:

    dF/dt = g u + d

While the force is ramped the gain g is learned, since the stiffness of the stack changes a hundredfold. In a hold there
is hardly a flow to learn it from: it stays, and d takes what is wrong. The filter becomes quick by itself while its
predictions go wrong on one side, and learns the sensor's noise.

SI units.
"""

import math

from stackpress_py.control.reference import clamp

#: s over which prediction errors are averaged to see that they lie on one side.
BIAS_TIME = 0.2
#: Standard deviations of that average beyond which the drift must have changed; largest factor of the variance.
SUSPICIOUS = 3.0
LARGEST_ALARM = 1e4
#: Part by which the gain changes at most from one sample to the next.
GAIN_STEP = 0.15
#: Share of a squared prediction error that enters the estimate of the noise.
NOISE_FORGETTING = 0.01
#: Bounds of the noise relative to the declared one.
LEAST_NOISE, MOST_NOISE = 0.2, 10.0
#: N/s, standard deviation of a drift of which nothing is known; a part of the force each second beside.
DRIFT, DRIFT_SHARE = 1.0, 2.5e-3


class FlowFilter:
    """Force, drift and gain of one actuator at a time.

    Attributes:
        force: N, best estimate.
        drift: N/s by which it changes beside the known flow.
        gain: N/s for each unit of flow, positive; the sign is the actuator's.
        drift_variance, gain_variance: of these.
        noise: N, standard deviation of a measurement, as it turned out.
        learns: the gain is learned.
    """

    def __init__(self) -> None:
        self.force = self.drift = 0.0
        self.gain = 1.0
        self.noise = 1.0
        self.learns = True
        self._ratio = 1.0
        self._last_error = self._bias = 0.0
        self._ff = self._fd = self._fg = self._dg = self.gain_variance = 0.0
        self.drift_variance = 1.0

    @property
    def usual_drift(self) -> float:
        """N/s that a drift may well have, of which nothing is known."""
        return DRIFT + DRIFT_SHARE * abs(self.force)

    def restart(self, force: float, noise: float) -> None:
        """Begin at a force (N) that was measured with that noise (N), and stands."""
        self.force, self.drift, self._bias = force, 0.0, 0.0
        self._ff = noise * noise
        self.drift_variance = DRIFT * DRIFT
        self._fd = self._fg = self._dg = 0.0

    def take(self, gain: float, variance: float) -> None:
        """Go on with another actuator's gain."""
        self.gain, self.gain_variance = gain, variance
        self._fg = self._dg = 0.0

    def learn_gain(self, learns: bool) -> None:
        """Learn the gain from now on, or no longer."""
        if not learns:
            self._fg = self._dg = 0.0
        self.learns = learns

    def doubt_drift(self, drift: float, variance: float) -> None:
        """Take a drift (N/s) of that variance instead of what was believed."""
        self.drift, self.drift_variance = drift, variance
        self._fd = self._dg = 0.0

    def forget_drift(self) -> None:
        """Begin to learn the drift: nothing flows any more."""
        self.doubt_drift(0.0, self.usual_drift**2)

    def step(
        self,
        dt: float,
        flowed: float,
        measured: float,
        noise: float,
        drift_walk: float,
        gain_walk: float,
    ) -> None:
        """Take a sample.

        Args:
            dt: s since the last one, > 0.
            flowed: s, integral of the flow since then, with the actuator's sign.
            measured: N.
            noise: N, declared standard deviation of the measurement, > 0.
            drift_walk: variance by which the drift may have changed since then, (N/s)^2.
            gain_walk: likewise the gain.
        """
        error = measured - self.force - self.drift * dt - self.gain * flowed
        suspicion = self._judge(dt, error, noise)
        if not self.learns:
            drift_walk *= suspicion
        fd = self._fd + dt * self.drift_variance + flowed * self._dg
        ff = self._ff + dt * (self._fd + fd)
        if self.learns:
            fg = self._fg + dt * self._dg + flowed * self.gain_variance
            ff += flowed * (self._fg + fg)
        weight = 1.0 / (ff + self.noise * self.noise)
        share = ff * weight
        drift_share = fd * weight
        self.force += self.drift * dt + self.gain * flowed + share * error
        self.drift += drift_share * error
        self._ff, self._fd = ff * (1.0 - share), fd * (1.0 - share)
        self.drift_variance += drift_walk - drift_share * fd
        if self.learns:
            self._learn_gain(fg, fd, share, weight, error, gain_walk)

    def _learn_gain(
        self, fg: float, fd: float, share: float, weight: float, error: float, walk: float
    ) -> None:
        gain, part = self.gain, fg * weight
        least, most = (1.0 - GAIN_STEP) * gain, (1.0 + GAIN_STEP) * gain
        self.gain = clamp(gain + part * error, least, most)
        self._dg -= part * fd
        self._fg = fg * (1.0 - share)
        variance = self.gain_variance + walk - part * fg
        self.gain_variance = min(variance, self.gain * self.gain)
        if self.gain_variance < variance:
            smaller = math.sqrt(self.gain_variance / variance)
            self._fg *= smaller
            self._dg *= smaller

    def _judge(self, dt: float, error: float, noise: float) -> float:
        """Take a prediction error into noise and bias; return by how much the drift's variance should grow faster."""
        share = dt / (BIAS_TIME + dt)
        self._bias += share * (error - self._bias)
        difference = error - self._last_error
        self._last_error = error
        found = min(0.5 * difference * difference / (noise * noise), 9.0 * self._ratio)
        ratio = self._ratio + NOISE_FORGETTING * (found - self._ratio)
        self._ratio = clamp(ratio, LEAST_NOISE**2, MOST_NOISE**2)
        self.noise = noise * math.sqrt(self._ratio)
        suspicion = abs(self._bias) / (SUSPICIOUS * self.noise * math.sqrt(0.5 * share))
        return min(suspicion**4, LARGEST_ALARM) if suspicion > 1.0 else 1.0
