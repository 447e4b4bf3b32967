"""How noisy the force sensors are, at rest and under load, beside what the profile says."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.quantities import FORCE, format_quantity
from stackpress_py.tune.findings import RamFindings

#: Factors by which the noise may be above and below the profile's without being told.
HIGH, LOW = 1.5, 0.3


@dataclass(frozen=True, slots=True)
class SensorNoise:
    """Standard deviations of one reading of a force sensor, N.

    Attributes:
        name: of the sensor.
        at_rest, under_load, claimed: free, pressed, and by the profile; under_load is NaN beyond its range.
    """

    name: str
    at_rest: float
    under_load: float
    claimed: float

    @property
    def sentence(self) -> str:
        """What it is, for people."""
        found = f"{self.name}: noise {_n(self.at_rest)} at rest, {_n(self.under_load)} under load"
        wrong = max(self.at_rest, np.nan_to_num(self.under_load)) > HIGH * self.claimed
        wrong = wrong or self.at_rest < LOW * self.claimed
        says = f"the profile says {_n(self.claimed)}"
        return f"{found}; {says}: correct it" if wrong else f"{found} ({says})"


def sensor_noise(profile: PressProfile, found: RamFindings) -> Iterator[SensorNoise]:
    """Yield what was found of each force sensor."""
    rests = [*found.compliance.steps.up, *found.compliance.steps.down]
    for index, sensor in enumerate(profile.force_sensors):
        within = [
            each.sensors[index]
            for each in rests
            if each.force < profile.fusion.blend_from * sensor.range
        ]
        loaded = float(np.sqrt(np.mean(np.square(within)))) if within else float("nan")
        at_rest = found.free.rest.sensors[index]
        yield SensorNoise(sensor.name, at_rest, loaded, sensor.noise * sensor.range)


def _n(force: float) -> str:
    return format_quantity(force, FORCE, 2)
