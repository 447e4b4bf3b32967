"""The checks before anything moves: whether a press can do a recipe, and can tell that it did."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from stackpress_py.quantities import (
    FORCE_RATE,
    TEMPERATURE_DIFFERENCE,
    TEMPERATURE_RATE,
    format_duration,
    format_force,
    format_pressure,
    format_quantity,
    format_temperature,
)
from stackpress_py.recipes.loading import ControlRecipe, Problem
from stackpress_py.recipes.model import (
    PressureTarget,
    Recipe,
    TemperatureTarget,
)

AMBIENT = 25.0  # degC


@dataclass(frozen=True, slots=True)
class ForceRange:
    """What one force sensor can tell.

    Attributes:
        limit: N, largest force that it is used for.
        uncertainty: N, expanded (k = 2), of a reading in that range.
    """

    limit: float
    uncertainty: float


@dataclass(frozen=True, slots=True)
class MachineLimits:
    """What a press can do; infinity or 0 where nothing is known.

    Attributes:
        force: N, largest force.
        isostatic: the press presses by a fluid: the die must be of that shape, and no other one's.
        heats: the press has heated platens, or a heated fluid.
        force_rate: N/s, fastest change of force.
        temperature: degC, highest platen temperature.
        coolest: degC, lowest platen temperature that its cooling can reach.
        heating_rate: K/s, fastest heating of both platens.
        cooling_rate: K/s, fastest cooling of both platens.
        temperature_uncertainty: K, expanded (k = 2), of the platens' sensors against each other.
        ranges: force sensors, in any order.
        tells_height: it can tell how high what lies between its punches is.
        approach_time: s from the open position to contact.
        opening_time: s from contact to the open position.
    """

    force: float
    isostatic: bool = False
    heats: bool = True
    force_rate: float = math.inf
    temperature: float = math.inf
    coolest: float = -math.inf
    heating_rate: float = math.inf
    cooling_rate: float = math.inf
    temperature_uncertainty: float = 0.0
    ranges: tuple[ForceRange, ...] = field(default=())
    tells_height: bool = False
    approach_time: float = 10.0
    opening_time: float = 10.0

    def force_uncertainty(self, force: float) -> float:
        """Return the uncertainty (N, k = 2) of the best sensor for a force; 0 if none is known."""
        fitting = [sensor.uncertainty for sensor in self.ranges if sensor.limit >= force]
        if fitting:
            return min(fitting)
        return math.inf if self.ranges else 0.0


def problems(control: ControlRecipe, limits: MachineLimits) -> tuple[str, ...]:
    """Return what keeps a recipe from being run on a press: sentences with file, line, field."""
    return tuple(control.sentence(problem) for problem in check(control.recipe, limits))


def check(recipe: Recipe, limits: MachineLimits) -> Iterator[Problem]:
    """Yield what keeps a recipe from being run on a press."""
    area = recipe.cell.die.area
    if (recipe.cell.die.shape == "isostatic") is not limits.isostatic:
        wanted = "isostatic" if limits.isostatic else "round or square"
        yield Problem(
            ("cell", "die", "shape"),
            f"found '{recipe.cell.die.shape}', and this press needs {wanted}",
        )
        return
    for index, phase in enumerate(recipe.procedure):
        place = ("procedure", index)
        if isinstance(phase.pressure, PressureTarget):
            yield from _check_pressure(phase.pressure, area, limits, (*place, "pressure"))
        if isinstance(phase.temperature, TemperatureTarget):
            yield from _check_temperature(phase.temperature, limits, (*place, "temperature"))
        if phase.until is not None and not limits.tells_height:
            yield Problem(
                (*place, "until", "densification_below"),
                "this press cannot tell the height of a cell: it needs the ram's position and the"
                " section 'compliance' of its tuning file, which `stackpress tune` measures",
            )
        if phase.unload is not None:
            force_rate = phase.unload.rate * area
            yield from _check_force_rate(force_rate, limits, (*place, "unload", "rate"))
    yield from _check_rates_of_change(recipe, limits)
    if recipe.procedure[-1].unload is None:
        yield Problem(
            ("procedure", len(recipe.procedure) - 1),
            "the last phase must be an 'unload', so that the cell can be taken out",
        )
    yield from _check_time_limits(recipe, limits)


def expected_durations(
    recipe: Recipe, limits: MachineLimits, start_temperature: float = AMBIENT
) -> tuple[float, ...]:
    """Return how long (s) each phase should take, from rates and holds; the press begins open."""
    durations = []
    pressure, temperature = 0.0, start_temperature
    for index, phase in enumerate(recipe.procedure):
        needed = 0.0
        if isinstance(phase.pressure, PressureTarget):
            needed += limits.approach_time if pressure == 0.0 else 0.0
            needed += abs(phase.pressure.target - pressure) / phase.pressure.rate
            pressure = phase.pressure.target
        if isinstance(phase.temperature, TemperatureTarget):
            needed += phase.settling if phase.pressure is not None else 0.0
            needed += abs(phase.temperature.target - temperature) / phase.temperature.rate
            temperature = phase.temperature.target
        if phase.unload is not None:
            needed += pressure / phase.unload.rate + limits.opening_time
            pressure = 0.0
        judged = recipe.pressure_target(index) or recipe.temperature_target(index)
        durations.append(needed + (max(phase.settling, phase.hold) if judged else 0.0))
    return tuple(durations)


Place = tuple[str | int, ...]


def _check_pressure(
    target: PressureTarget, area: float, limits: MachineLimits, place: Place
) -> Iterator[Problem]:
    force = target.target * area
    if force > limits.force:
        yield Problem(
            (*place, "target"),
            f"{format_pressure(target.target)} on this die is {format_force(force, 4)};"
            f" this press allows {format_force(limits.force)},"
            f" that is {format_pressure(limits.force / area, 4)}",
        )
        return
    yield from _check_force_rate(target.rate * area, limits, (*place, "rate"))
    uncertainty = limits.force_uncertainty(force) / area
    for name, band in (("tolerance", target.tolerance), ("overshoot", target.overshoot)):
        if band is not None and band.around(target.target) < uncertainty:
            yield Problem(
                (*place, name),
                f"'{band.text}' of {format_pressure(target.target)} is"
                f" {format_pressure(band.around(target.target), 3)}, and no sensor of this press"
                f" can tell: at that force they are uncertain by"
                f" {format_pressure(uncertainty, 3)} (k = 2)",
            )


def _check_force_rate(rate: float, limits: MachineLimits, place: Place) -> Iterator[Problem]:
    if rate > limits.force_rate:
        yield Problem(
            place,
            f"on this die that is {format_quantity(rate, FORCE_RATE, 4)};"
            f" this press allows {format_quantity(limits.force_rate, FORCE_RATE)}",
        )


def _check_temperature(
    target: TemperatureTarget, limits: MachineLimits, place: Place
) -> Iterator[Problem]:
    if not limits.heats:
        yield Problem((*place, "target"), "this press does not heat: leave 'temperature' out")
        return
    if not limits.coolest <= target.target <= limits.temperature:
        low = "" if limits.coolest == -math.inf else f"{format_temperature(limits.coolest)} to "
        yield Problem(
            (*place, "target"),
            f"found '{format_temperature(target.target)}', this press allows"
            f" {low or 'at most '}{format_temperature(limits.temperature)}",
        )
    if target.tolerance < limits.temperature_uncertainty:
        yield Problem(
            (*place, "tolerance"),
            f"found '{format_quantity(target.tolerance, TEMPERATURE_DIFFERENCE)}',"
            " and the sensors of this press are uncertain by"
            f" {format_quantity(limits.temperature_uncertainty, TEMPERATURE_DIFFERENCE)} (k = 2)",
        )


def _check_rates_of_change(recipe: Recipe, limits: MachineLimits) -> Iterator[Problem]:
    before = AMBIENT
    for index, phase in enumerate(recipe.procedure):
        target = phase.temperature
        if not isinstance(target, TemperatureTarget):
            continue
        heating = target.target >= before
        allowed = limits.heating_rate if heating else limits.cooling_rate
        if target.rate > allowed:
            yield Problem(
                ("procedure", index, "temperature", "rate"),
                f"found '{format_quantity(target.rate, TEMPERATURE_RATE)}', this press"
                f" {'heats' if heating else 'cools'} by at most"
                f" {format_quantity(allowed, TEMPERATURE_RATE, 3)}",
            )
        before = target.target


def _check_time_limits(recipe: Recipe, limits: MachineLimits) -> Iterator[Problem]:
    for index, expected in enumerate(expected_durations(recipe, limits)):
        phase = recipe.procedure[index]
        if expected >= phase.time_limit:
            yield Problem(
                ("procedure", index, "timeout"),
                f"the phase should take {format_duration(expected, 3)},"
                f" and would time out after {format_duration(phase.time_limit, 3)}",
            )
