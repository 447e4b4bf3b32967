"""Machines to measure: the simulated press under orders, without a bus or a clock."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from stackpress_py.devices.guard.ranges import ForceFusion
from stackpress_py.devices.press.command import Heat, Velocity
from stackpress_py.devices.press.loading import load_profile
from stackpress_py.paths import config
from stackpress_py.sim.config import PlatenConfig, SimConfig
from stackpress_py.sim.loading import load
from stackpress_py.sim.plant import Command, Plant
from stackpress_py.tune.findings import Findings, Wanted, measure
from stackpress_py.tune.guard import LimitGuard
from stackpress_py.tune.limits import Limits
from stackpress_py.tune.press import heat_facts, ram_facts
from stackpress_py.tune.retreat import retreat_of
from stackpress_py.tune.trial import NOTHING, Experiment, Order, Seen, Trial

T = TypeVar("T")

PROFILE = load_profile("reference_plc")
PERIOD = 1.0 / PROFILE.cycle.rate
#: s, of the plant's mechanics; and where only heat matters.
STEP, HEAT_STEP = 2e-3, PERIOD
BLANK = load(config("sim", "stiff_blank.yaml"))
#: m; the punch meets the blank of 2 mm at 48 mm.
CLEAR = 0.0475
LIMITS = Limits(
    force=5e3,
    force_rate=1e4,
    velocity=0.01,
    clear_to=CLEAR,
    deepest=0.055,
    temperature=70.0,
    heating_rate=0.5,
)


@dataclass(frozen=True)
class Changes:
    """What differs from the simulated press: N/m, s, cycles on the wire, factors."""

    frame: float = 5e7
    drive_delay: float = 2e-3
    cycles: int = 1
    noise: float = 1.0
    capacity: float = 1.0
    loss: float = 1.0
    power: float = 1.0
    seed: int = 1


class Machine:
    """A simulated press; what is ordered acts some cycles later.

    With ``setpoints`` its platens have controllers of their own: proportional ones, with a band of 10 K.
    """

    def __init__(
        self,
        changes: Changes = Changes(),
        base: SimConfig = BLANK,
        step: float = STEP,
        setpoints: bool = False,
    ) -> None:
        self._setpoints = setpoints
        self.plant = Plant(changed(base, changes), changes.seed, step)
        self.plant.place()
        self._fusion = ForceFusion(PROFILE.force_sensors, PROFILE.fusion)
        readings = [self.plant.sense() for _ in range(60)]
        low = sum(each.force_low for each in readings) / len(readings)
        high = sum(each.force_high for each in readings) / len(readings)
        self._fusion.tare((low, high))
        self._orders = deque([NOTHING] * changes.cycles)
        self._acting = NOTHING
        self.peak = 0.0
        self.hottest = 0.0

    def cycle(self, order: Order) -> Seen:
        """Let one cycle pass and measure."""
        self._orders.append(order)
        self._acting = self._orders.popleft()
        self.go_on(PERIOD)
        plant = self.plant
        seen = plant.sense()
        fused = self._fusion.step((seen.force_low, seen.force_high), plant.time)
        return Seen(
            time=plant.time,
            force=fused.force,
            sensors=fused.sensors,
            position=seen.position,
            upper=seen.upper_temperature,
            lower=seen.lower_temperature,
            frame=seen.frame_temperature,
            at_open_limit=plant.mechanics.drive.position <= 0.0,
        )

    def go_on(self, seconds: float) -> None:
        """Let time pass under what was ordered last."""
        motion, plant = self._acting.motion, self.plant
        velocity = motion.velocity if isinstance(motion, Velocity) else 0.0
        heat = self._powers(self._acting.heat)
        plant.step(seconds, Command(velocity, heat.upper, heat.lower))
        platens = plant.thermal
        self.peak = max(self.peak, plant.force)
        self.hottest = max(self.hottest, platens.upper.temperature, platens.lower.temperature)

    def _powers(self, heat: Heat | None) -> Heat:
        if heat is None or not self._setpoints:
            return heat or Heat(0.0, 0.0)
        platens = self.plant.thermal
        upper, lower = (
            min(1.0, max(0.0, (setpoint - platen.sensed) / 10.0))
            for setpoint, platen in ((heat.upper, platens.upper), (heat.lower, platens.lower))
        )
        return Heat(upper, lower)


def changed(base: SimConfig, changes: Changes) -> SimConfig:
    """Return the constants of a press that differs."""
    press = replace(
        base.press,
        frame_stiffness_kn_mm=changes.frame * 1e-6,
        velocity_dead_time_ms=changes.drive_delay * 1e3,
    )
    high, low = base.force_high, base.force_low
    return replace(
        base,
        press=press,
        force_high=replace(high, noise_fs=changes.noise * high.noise_fs),
        force_low=replace(low, noise_fs=changes.noise * low.noise_fs),
        upper_platen=_platen(base.upper_platen, changes),
        lower_platen=_platen(base.lower_platen, changes),
    )


def _platen(platen: PlatenConfig, changes: Changes) -> PlatenConfig:
    return replace(
        platen,
        plate_capacity_j_k=changes.capacity * platen.plate_capacity_j_k,
        heater_capacity_j_k=changes.capacity * platen.heater_capacity_j_k,
        loss_w_k=changes.loss * platen.loss_w_k,
        heater_power_w=changes.power * platen.heater_power_w,
    )


def run(experiment: Experiment[T], machine: Machine) -> T:
    """Run an experiment alone, without guard or retreat."""
    next(experiment)
    order = NOTHING
    while True:
        try:
            order = experiment.send(machine.cycle(order))
        except StopIteration as end:
            result: T = end.value
            return result


def wanted(limits: Limits, *parts: str) -> Wanted:
    """Return the parts of a measurement of the reference press."""
    return Wanted(
        ram=ram_facts(PROFILE, limits) if "force" in parts else None,
        oil=None,
        heat=heat_facts(PROFILE, limits) if "heat" in parts else None,
        ratings=(800.0, 800.0),
    )


def trial_of(what: Wanted, limits: Limits, longest: float = 3000.0) -> Trial[Findings]:
    """Return a whole measurement, as the command makes it."""
    retreat = retreat_of(what.ram, what.oil)
    guard = LimitGuard(limits, longest, what.heat is not None)
    return Trial(measure(what, lambda text: None), retreat, guard)


def finish(
    trial: Trial[Findings],
    machine: Machine,
    meddle: Callable[[Seen, Machine], Seen] = lambda seen, machine: seen,
) -> list[Order]:
    """Let a trial come to its end; return its orders. ``meddle`` may change what is seen, or the machine."""
    orders = [NOTHING]
    while not trial.ended:
        assert machine.plant.time < 4000.0, "it does not end"
        seen = meddle(machine.cycle(orders[-1]), machine)
        orders.append(trial.step(seen))
    for _ in range(60):
        machine.cycle(NOTHING)
    return orders
