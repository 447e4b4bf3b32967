"""The simulated presses of the matrix, and the loop around them: one bus cycle late, as on the wire."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from stackpress_py.control.force import ForceTuning
from stackpress_py.control.law import ForceSample
from stackpress_py.control.tuning import Tuning, load_tuning
from stackpress_py.devices.guard.ranges import ForceFusion
from stackpress_py.devices.press.loading import load_profile
from stackpress_py.paths import config
from stackpress_py.sim.loading import load
from stackpress_py.sim.plant import Command, Plant

SAMPLES = (
    "stiff_blank", "reference", "glass", "llzo", "nmc_composite", "soft_polymer", "lithium_foil",
    "empty_die",
)  # fmt: skip
FRAMES = (20.0, 50.0, 200.0)  # kN/mm
NOISES = (1.0, 3.0)  # times the load cells' noise
PERIOD = 1.0 / 60.0
#: s from a command to its effect in the measured force on these plants: one cycle on the wire, half a one until it has
#: acted for a cycle, and the drive's own; what `stackpress tune` measures.
DEAD_TIME = 0.03
PROFILE = load_profile("reference_plc")


@dataclass(frozen=True)
class Case:
    """One plant: sample, frame (kN/mm), noise (times the load cells'), seed of the sensors' errors and noise."""

    sample: str
    frame: float
    noise: float = 1.0
    seed: int = 1

    def __str__(self) -> str:
        return f"{self.sample}, {self.frame:g} kN/mm, noise x{self.noise:g}, seed {self.seed}"


def matrix(
    samples: Sequence[str] = SAMPLES, noises: Sequence[float] = NOISES, seeds: int = 2
) -> list[Case]:
    """Return every combination."""
    return [
        Case(sample, frame, noise, seed)
        for sample in samples
        for frame in FRAMES
        for noise in noises
        for seed in range(1, seeds + 1)
    ]


def tuning() -> Tuning:
    """Return the shipped constants."""
    return load_tuning(PROFILE.tuning_path)


def force_tuning(case: Case) -> ForceTuning:
    """Return the shipped constants, with what a machine of that frame would have been measured to be."""
    return replace(tuning().force, dead_time=DEAD_TIME, frame_stiffness=case.frame * 1e6)


class Machine:
    """One plant with its sensors, tared, and a fresh sample in the die.

    Args:
        case: which one.
        cell: keys of the section ``cell`` of its configuration, and of ``surroundings``, that differ.
        longest_step: s, of the plant.
    """

    def __init__(self, case: Case, longest_step: float = PERIOD / 4.0) -> None:
        base = load(config("sim", f"{case.sample}.yaml"))
        high, low = base.force_high, base.force_low
        self.plant = Plant(
            replace(
                base,
                press=replace(base.press, frame_stiffness_kn_mm=case.frame),
                force_high=replace(high, noise_fs=case.noise * high.noise_fs),
                force_low=replace(low, noise_fs=case.noise * low.noise_fs),
            ),
            case.seed,
            longest_step,
        )
        self.plant.place()
        self._fusion = ForceFusion(PROFILE.force_sensors, PROFILE.fusion)
        readings = [self.plant.sense() for _ in range(60)]
        self._zero_low = sum(each.force_low for each in readings) / len(readings)
        self._zero_high = sum(each.force_high for each in readings) / len(readings)
        self._acting = self._next = Command()

    @property
    def area(self) -> float:
        """Of the die, m^2."""
        return self.plant.area

    def cycle(self) -> ForceSample:
        """Let one cycle pass and measure."""
        plant = self.plant
        plant.step(PERIOD, self._acting)
        self._acting = self._next
        seen = plant.sense()
        low, high = seen.force_low - self._zero_low, seen.force_high - self._zero_high
        fused = self._fusion.step((low, high), plant.time)
        self.readings = seen
        return ForceSample(
            plant.time,
            fused.force,
            fused.uncertainty,
            seen.position,
            temperature=0.5 * (seen.upper_temperature + seen.lower_temperature),
        )

    def command(self, velocity: float, upper: float = 0.0, lower: float = 0.0) -> None:
        """Say what the press shall do from the cycle after the next on."""
        self._next = Command(velocity, upper, lower)
