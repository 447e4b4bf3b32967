"""What the force truly is now, and how it drifts by itself: a Kalman filter on a plant that only integrates.

A stack between a ram and a frame answers a movement u of the ram by k * u, and otherwise its force changes at a rate d
that nobody commanded: creep, thermal expansion, breathing, a leak. With the commanded movement known the two states,
force and drift, follow from noisy forces alone.

The steady-state gains of this filter (Kalata, IEEE Trans. AES-20 (1984) 174, doi:10.1109/TAES.1984.310438) depend on
one number, the tracking index: how much the drift may change within one sample, over the noise of the force. So the
filter is slow where the sensor is noisy and the drift steady, and quick where the sensor is fine; it becomes quick by
itself while its predictions go wrong on one side.

SI units.
"""

import math

from stackpress_py.control.noise import LearnedNoise, Suspicion

#: s over which errors are averaged to see what they have in common when a movement is felt.
COMMON_TIME = 0.06
#: Largest factor of agility while the predictions go wrong on one side.
LARGEST_ALARM = 1e4
#: Dead times that the filter takes at least: a quicker one would mistake an effect that comes a little early or late
#: for a drift.
QUICKEST = 2.0
#: Share of a squared prediction error that enters the estimate of the noise.
NOISE_FORGETTING = 0.005


class DriftObserver:
    """Force and drift of the stack.

    Args:
        dead_time: s after which a movement is taken to have its effect.

    Attributes:
        force: N, best estimate of the force that the last sample measured.
        drift: N/s by which it changes without the ram.
        deviation: N, standard deviation of a measurement, as it turned out.
        surprise: N, by how much the last prediction was wrong, less what such errors have in common: a drift that
            changes is not the movement's doing.
        sensitivity: m, by how much the last prediction depended on the stiffness by which movements were taken to
            change the force, less the same.
    """

    def __init__(self, dead_time: float) -> None:
        self._dead_time = dead_time
        self.force = 0.0
        self.drift = 0.0
        self.deviation = self.surprise = self.sensitivity = 0.0
        self._force_sensitivity = self._drift_sensitivity = 0.0
        self._mean_error = self._mean_sensitivity = 0.0
        self._noise = LearnedNoise(NOISE_FORGETTING)
        self._suspicion = Suspicion()

    def restart(self, force: float) -> None:
        """Begin at a force (N) without drift."""
        self.force = force
        self.surprise = self.sensitivity = 0.0
        self._force_sensitivity = self._drift_sensitivity = 0.0
        self._mean_error = self._mean_sensitivity = 0.0
        self.drift = 0.0
        self._noise.restart()
        self._suspicion.restart()

    def step(
        self,
        dt: float,
        travel: float,
        moved: float,
        measured: float,
        noise: float,
        agility: float,
    ) -> None:
        """Take a sample.

        Args:
            dt: s since the last one, > 0.
            travel: m by which the ram has moved since then, as far as it has had its effect.
            moved: N by which that has changed the force.
            measured: N.
            noise: N, declared standard deviation of the measurement, > 0.
            agility: N/s^2, how fast the drift may change.
        """
        predicted = self.force + moved + self.drift * dt
        error = measured - predicted
        deviation = self.deviation = self._noise.step(error, noise)
        suspicion = self._suspicion.step(dt, error, deviation)
        if suspicion > 1.0:
            agility *= min(suspicion**2, LARGEST_ALARM)
        quickest = dt / (QUICKEST * self._dead_time)
        index = min(agility * dt * dt / deviation, 0.5 * quickest * quickest)
        root = 0.25 * (4.0 + index - math.sqrt(8.0 * index + index * index))
        alpha = 1.0 - root * root
        beta = 2.0 * (2.0 - alpha) - 4.0 * root
        self.force = predicted + alpha * error
        self.drift += beta / dt * error
        sensitivity = self._force_sensitivity + travel + self._drift_sensitivity * dt
        self._force_sensitivity = (1.0 - alpha) * sensitivity
        self._drift_sensitivity -= beta / dt * sensitivity
        share = dt / (COMMON_TIME + dt)
        self._mean_error += share * (error - self._mean_error)
        self._mean_sensitivity += share * (sensitivity - self._mean_sensitivity)
        self.surprise = error - self._mean_error
        self.sensitivity = sensitivity - self._mean_sensitivity
