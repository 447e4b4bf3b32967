"""Platens, die, frame, room and thermocouples. Temperatures in degrees Celsius, SI otherwise."""

import math
from collections import deque

from .config import PlatenConfig, SurroundingsConfig

#: s, step of the integration.
STEP = 0.05


class Platen:
    """One platen as two nodes, heating element and plate, with a thermocouple that lags and is late.

    Attributes:
        output: -1..1, share of the heater's power (+) or of the cooling (-).
        power: W that the plate is given by the heater (+) or gives to the coolant (-) now.
        temperature: degC of the plate.
        sensed: degC at the thermocouple.
    """

    def __init__(self, config: PlatenConfig, ambient: float) -> None:
        c = config
        self.output = 0.0
        self.power = 0.0
        self.temperature = ambient
        self.sensed = ambient
        self._c = config
        self._start = ambient
        self._element = ambient
        delays = round(c.sensor_dead_time_s / STEP)
        self._pipe: deque[float] = deque([ambient] * delays)
        self._sensor_share = -math.expm1(-STEP / c.sensor_lag_s)
        flows = c.heater_conductance_w_k + c.loss_w_k + c.cooling_w_k
        self._divisions = max(1, math.ceil(4.0 * STEP * flows / c.plate_capacity_j_k))
        self._dt = STEP / self._divisions
        element = -self._dt * c.heater_conductance_w_k / c.heater_capacity_j_k
        self._element_share = -math.expm1(element)

    def step(self, to_die: float, coolant: float, room: float) -> None:
        """Advance by STEP; ``to_die`` is the heat flow (W) into the die; then temperatures of coolant and room."""
        for _ in range(self._divisions):
            self._heat(to_die, coolant, room)
        self._pipe.append(self.temperature)
        self.sensed += (self._pipe.popleft() - self.sensed) * self._sensor_share

    @property
    def expansion(self) -> float:
        """Thermal expansion since the start, m."""
        return self._c.expansion_um_k * 1e-6 * (self.temperature - self._start)

    def _heat(self, to_die: float, coolant: float, room: float) -> None:
        c, dt, plate = self._c, self._dt, self.temperature
        heating = max(0.0, self.output) * c.heater_power_w
        cooling = max(0.0, -self.output) * c.cooling_w_k * (plate - coolant)
        # The light element follows the plate exactly; what it does not keep of the heat, the plate gets.
        goal = plate + heating / c.heater_conductance_w_k
        rise = (goal - self._element) * self._element_share
        self._element += rise
        given = heating * dt - rise * c.heater_capacity_j_k
        lost = cooling + c.loss_w_k * (plate - room) + to_die
        self.temperature = plate + (given - lost * dt) / c.plate_capacity_j_k
        self.power = heating - cooling


class Thermal:
    """Both platens, the die between them, the frame, and the room, which may warm and cool.

    Attributes:
        upper, lower: the platens.
        die: degC of die and sample.
        frame: degC beside the load cells.
        room: degC.
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
        self.room = ambient
        self._time = 0.0
        self._untouched = surroundings.room_swing_k == 0.0
        self._half = 2.0 * surroundings.die_conductance_w_k

    @property
    def expansion(self) -> float:
        """Length (m) by which the warmth since the start closes the press: platens and die less the frame."""
        c, start = self._c, self._c.ambient_c
        die = c.die_expansion_um_k * (self.die - start)
        frame = c.frame_expansion_um_k * (self.frame - start)
        return self.upper.expansion + self.lower.expansion + 1e-6 * (die - frame)

    def step(self, force: float) -> None:
        """Advance by STEP; the die rests on the lower platen, the upper one heats it through a contact under force."""
        if self._untouched and self.upper.output == 0.0 == self.lower.output:
            return  # all of it is as warm as the room
        self._untouched = False
        c = self._c
        self._time += STEP
        if c.room_swing_k > 0.0:
            turn = 2.0 * math.pi * self._time / c.room_period_s
            self.room = c.ambient_c + c.room_swing_k * math.sin(turn)
        self._conduct(force)
        mean = 0.5 * (self.upper.temperature + self.lower.temperature)
        warmth = self.room + c.frame_warming * (mean - self.room)
        self.frame += (warmth - self.frame) * STEP / c.frame_time_s

    def _conduct(self, force: float) -> None:
        c = self._c
        contact = force / (force + c.die_contact_force_n)
        from_upper = self._half * contact * (self.upper.temperature - self.die)
        from_lower = self._half * (self.lower.temperature - self.die)
        self.upper.step(from_upper, c.coolant_c, self.room)
        self.lower.step(from_lower, c.coolant_c, self.room)
        conductance = self._half * (1.0 + contact)
        if conductance > 0.0:
            share = -math.expm1(-conductance * STEP / c.die_capacity_j_k)
            self.die += (from_upper + from_lower) / conductance * share
