"""Platens, die and thermocouples. Temperatures in degrees Celsius, SI otherwise."""

from collections import deque

from .config import ThermalConfig

#: s, step of the integration.
STEP = 0.02


class Platen:
    """One platen: heater element, plate, thermocouple with lag and dead time.

    Attributes:
        temperature: degC of the plate.
        sensed: degC at the thermocouple.
        output: -1..1, what the heater or the cooling is given.
    """

    def __init__(self, config: ThermalConfig) -> None:
        self._c = config
        self.temperature = config.ambient_c
        self.sensed = config.ambient_c
        self.output = 0.0
        self._heat = 0.0
        steps = max(1, round(config.sensor_dead_time_s / STEP))
        self._pipe: deque[float] = deque([config.ambient_c] * steps, maxlen=steps)

    def step(self, to_die: float) -> None:
        """Advance by STEP; ``to_die`` is the heat flow in W into the die."""
        c = self._c
        wanted = max(0.0, self.output) * c.heater_power_w
        self._heat += (wanted - self._heat) * STEP / max(STEP, c.heater_lag_s)
        cooling = max(0.0, -self.output) * c.cooling_w_k * (self.temperature - c.coolant_c)
        loss = c.loss_w_k * (self.temperature - c.ambient_c)
        flow = self._heat - cooling - loss - to_die
        self.temperature += flow * STEP / c.platen_heat_capacity_j_k
        delayed = self._pipe[0]
        self._pipe.append(self.temperature)
        self.sensed += (delayed - self.sensed) * STEP / max(STEP, c.sensor_lag_s)


class Thermal:
    """Both platens with the die between them, and what their warmth does to the rest.

    Attributes:
        upper, lower: platens.
        die: degC.
    """

    def __init__(self, config: ThermalConfig) -> None:
        self._c = config
        self.upper = Platen(config)
        self.lower = Platen(config)
        self.die = config.ambient_c

    @property
    def expansion(self) -> float:
        """Thermal expansion (m) of platens and die since the start, which closes the press."""
        c = self._c
        platens = self.upper.temperature + self.lower.temperature - 2.0 * c.ambient_c
        return 1e-6 * (c.expansion_um_k * platens + c.die_expansion_um_k * (self.die - c.ambient_c))

    @property
    def frame(self) -> float:
        """Temperature (degC) of the frame beside the load cells."""
        c = self._c
        mean = 0.5 * (self.upper.temperature + self.lower.temperature)
        return c.ambient_c + c.frame_warming * (mean - c.ambient_c)

    def step(self, contact: bool) -> None:
        """Advance by STEP; without contact the die touches the lower platen only."""
        c = self._c
        conductance = 2.0 * c.die_conductance_w_k
        from_upper = conductance * (self.upper.temperature - self.die) if contact else 0.0
        from_lower = conductance * (self.lower.temperature - self.die)
        self.die += (from_upper + from_lower) * STEP / c.die_heat_capacity_j_k
        self.upper.step(from_upper)
        self.lower.step(from_lower)
