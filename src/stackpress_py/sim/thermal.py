"""Platens, die, frame and thermocouples. Temperatures in degrees Celsius, SI otherwise."""

import math
from collections import deque

from .config import PlatenConfig, SurroundingsConfig

#: s, longest step of the integration.
STEP = 0.02


class Platen:
    """One platen as two nodes, heating element and plate, with a thermocouple that lags and is late.

    Attributes:
        output: -1..1, share of the heater's power (+) or of the cooling (-).
        power: W that the plate is given by the heater (+) or gives to the coolant (-) now.
        temperature: degC of the plate.
        sensed: degC at the thermocouple.
    """

    def __init__(self, config: PlatenConfig, ambient: float) -> None:
        self.output = 0.0
        self.power = 0.0
        self.temperature = ambient
        self.sensed = ambient
        self._c = config
        self._ambient = ambient
        self._element = ambient
        delays = round(config.sensor_dead_time_s / STEP)
        self._pipe: deque[float] = deque([ambient] * delays)
        flows = config.heater_conductance_w_k + config.loss_w_k + config.cooling_w_k
        lightest = min(config.heater_capacity_j_k, config.plate_capacity_j_k)
        self._divisions = max(1, math.ceil(4.0 * STEP * flows / lightest))

    def step(self, to_die: float, coolant: float) -> None:
        """Advance by STEP; ``to_die`` is the heat flow (W) into the die, ``coolant`` its temperature."""
        dt = STEP / self._divisions
        for _ in range(self._divisions):
            self._heat(to_die, coolant, dt)
        self._pipe.append(self.temperature)
        late = self._pipe.popleft()
        self.sensed += (late - self.sensed) * min(1.0, STEP / self._c.sensor_lag_s)

    @property
    def expansion(self) -> float:
        """Thermal expansion, m."""
        return self._c.expansion_um_k * 1e-6 * (self.temperature - self._ambient)

    def _heat(self, to_die: float, coolant: float, dt: float) -> None:
        c = self._c
        heating = max(0.0, self.output) * c.heater_power_w
        cooling = max(0.0, -self.output) * c.cooling_w_k * (self.temperature - coolant)
        flow = c.heater_conductance_w_k * (self._element - self.temperature)
        loss = c.loss_w_k * (self.temperature - self._ambient)
        self._element += (heating - flow) * dt / c.heater_capacity_j_k
        self.temperature += (flow - cooling - loss - to_die) * dt / c.plate_capacity_j_k
        self.power = heating - cooling


class Thermal:
    """Both platens, the die between them, and the frame.

    Attributes:
        upper, lower: the platens.
        die: degC of die and sample.
        frame: degC beside the load cells.
    """

    def __init__(
        self, upper: PlatenConfig, lower: PlatenConfig, surroundings: SurroundingsConfig
    ) -> None:
        self._c = surroundings
        ambient = surroundings.ambient_c
        self.upper = Platen(upper, ambient)
        self.lower = Platen(lower, ambient)
        self.die = ambient
        self.frame = ambient

    @property
    def expansion(self) -> float:
        """Length (m) by which the warmth since the start closes the press: platens and die less the frame."""
        c, ambient = self._c, self._c.ambient_c
        die = c.die_expansion_um_k * (self.die - ambient)
        frame = c.frame_expansion_um_k * (self.frame - ambient)
        return self.upper.expansion + self.lower.expansion + 1e-6 * (die - frame)

    def step(self, force: float) -> None:
        """Advance by STEP; the die rests on the lower platen, the upper one heats it through a contact under force."""
        c = self._c
        half = 2.0 * c.die_conductance_w_k
        contact = force / (force + c.die_contact_force_n)
        from_upper = half * contact * (self.upper.temperature - self.die)
        from_lower = half * (self.lower.temperature - self.die)
        self.upper.step(from_upper, c.coolant_c)
        self.lower.step(from_lower, c.coolant_c)
        conductance = half * (1.0 + contact)
        if conductance > 0.0:
            share = -math.expm1(-conductance * STEP / c.die_capacity_j_k)
            self.die += (from_upper + from_lower) / conductance * share
        mean = 0.5 * (self.upper.temperature + self.lower.temperature)
        warmth = c.ambient_c + c.frame_warming * (mean - c.ambient_c)
        self.frame += (warmth - self.frame) * STEP / c.frame_time_s
