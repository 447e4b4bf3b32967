"""The simulated presses of the matrix, and the loop around them: one bus cycle late, as on the wire."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from stackpress_py.control.law import (
    ForceMove,
    ForceSample,
    HydraulicMove,
    Move,
    VelocityMove,
)
from stackpress_py.devices.guard.ranges import ForceFusion
from stackpress_py.devices.press.loading import load_profile
from stackpress_py.paths import config
from stackpress_py.sim.config import SimConfig
from stackpress_py.sim.hydraulics import Hydraulics
from stackpress_py.sim.loading import load
from stackpress_py.sim.plant import Command, Plant

SAMPLES = (
    "stiff_blank", "reference", "glass", "llzo", "nmc_composite", "soft_polymer", "lithium_foil",
    "empty_die",
)  # fmt: skip
#: How a press is moved, and the file with what it needs for that.
MACHINES = {
    "velocity": "reference.yaml",
    "force": "force_loop_press.yaml",
    "pump_and_valve": "hydraulic_press.yaml",
}
ACTUATIONS = tuple(MACHINES)
FRAMES = (20.0, 50.0, 200.0)  # kN/mm
NOISES = (1.0, 3.0)  # times the load cells' noise
PERIOD = 1.0 / 60.0
PROFILE = load_profile("reference_plc")

#: A cell of 4 mAh/cm^2 whose anode is plated lithium (4.85 um per mAh/cm^2), charged and discharged in half an hour
#: each, as fast as such cells bear; in a room that warms and cools by 2 K.
BREATHING_UM = 20.0
BREATHING_PERIOD = 3600.0
CURRENT_A = 9e-3  # on the 1.13 cm^2 of the die
ROOM_SWING_K = 2.0
ROOM_PERIOD = 5400.0


@dataclass(frozen=True)
class Case:
    """One plant.

    Attributes:
        sample: file in config/sim that says what lies in the die.
        frame: its stiffness, kN/mm.
        noise: times the load cells'.
        seed: of the sensors' errors and noise.
        actuation: how it is moved.
    """

    sample: str
    frame: float
    noise: float = 1.0
    seed: int = 1
    actuation: str = "velocity"

    def __str__(self) -> str:
        return f"{self.sample}, {self.frame:g} kN/mm, noise x{self.noise:g}, seed {self.seed}"


def matrix(
    samples: Sequence[str] = SAMPLES,
    noises: Sequence[float] = NOISES,
    seeds: int = 2,
    actuations: Sequence[str] = ("velocity",),
) -> list[Case]:
    """Return every combination."""
    return [
        Case(sample, frame, noise, seed, actuation)
        for actuation in actuations
        for sample in samples
        for frame in FRAMES
        for noise in noises
        for seed in range(1, seeds + 1)
    ]


@cache
def _configuration(sample: str, actuation: str) -> SimConfig:
    machine = load(config("sim", MACHINES[actuation]))
    return replace(machine, sample=load(config("sim", f"{sample}.yaml")).sample)


def configuration(case: Case, breathing: bool = False) -> SimConfig:
    """Return the constants of a plant; with a cell that breathes and a room that warms, or without."""
    base = _configuration(case.sample, case.actuation)
    high, low = base.force_high, base.force_low
    made = replace(
        base,
        press=replace(base.press, frame_stiffness_kn_mm=case.frame),
        force_high=replace(high, noise_fs=case.noise * high.noise_fs),
        force_low=replace(low, noise_fs=case.noise * low.noise_fs),
    )
    if not breathing:
        return made
    cell = replace(
        base.cell,
        breathing_um=BREATHING_UM,
        period_s=BREATHING_PERIOD,
        rest_share=0.0,
        current_a=CURRENT_A,
    )
    room = replace(base.surroundings, room_swing_k=ROOM_SWING_K, room_period_s=ROOM_PERIOD)
    return replace(made, cell=cell, surroundings=room)


def die_area(case: Case) -> float:
    """Return the area of a plant's die, m^2."""
    return math.pi / 4.0 * (1e-3 * configuration(case).press.die_diameter_mm) ** 2


class Machine:
    """One plant with its sensors, tared, and a fresh sample in the die.

    Args:
        case: which one.
        longest_step: s, of the plant.
        breathing: the sample is a cell that is cycled.
    """

    def __init__(
        self, case: Case, longest_step: float = PERIOD / 4.0, breathing: bool = False
    ) -> None:
        self.plant = Plant(configuration(case, breathing), case.seed, longest_step)
        self.plant.place()
        self._fusion = ForceFusion(PROFILE.force_sensors, PROFILE.fusion)
        readings = [self.plant.sense() for _ in range(60)]
        zeros = (
            sum(each.force_low for each in readings) / len(readings),
            sum(each.force_high for each in readings) / len(readings),
        )
        self._fusion.tare(zeros)
        self._acting = self._next = Command()

    @property
    def area(self) -> float:
        """Of the die, m^2."""
        return self.plant.area

    @property
    def driven(self) -> float:
        """How far (m) the ram was driven: the screw's place, or the oil that was delivered less what was let go.

        Compressed oil expands by itself when a sample gives way, whatever a law does; that is no chase.
        """
        drive = self.plant.mechanics.drive
        return drive.supply if isinstance(drive, Hydraulics) else drive.position

    def cycle(self) -> ForceSample:
        """Let one cycle pass and measure."""
        plant = self.plant
        plant.step(PERIOD, self._acting)
        self._acting = self._next
        self.readings = seen = plant.sense()
        fused = self._fusion.step((seen.force_low, seen.force_high), plant.time)
        return ForceSample(
            plant.time,
            fused.force,
            fused.uncertainty,
            seen.position,
            temperature=0.5 * (seen.upper_temperature + seen.lower_temperature),
            current=seen.current,
        )

    def command(self, move: Move | None, upper: float = 0.0, lower: float = 0.0) -> None:
        """Say what the press shall do from the cycle after the next on."""
        self._next = command(move, upper, lower)


def command(move: Move | None, upper: float, lower: float) -> Command:
    """Return what a move, and heating of each platen (-1..1), mean to the plant."""
    if isinstance(move, VelocityMove):
        return Command(move.velocity, upper, lower)
    if isinstance(move, ForceMove):
        return Command(0.0, upper, lower, force=move.force, force_rate=move.rate)
    if isinstance(move, HydraulicMove):
        return Command(0.0, upper, lower, pump=move.pump, valve=move.valve)
    return Command(0.0, upper, lower)
