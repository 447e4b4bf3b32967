"""What is measured of the platens, on machines that nobody has seen before, and what it never does to them."""

import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from stackpress_py.tune.findings import HeatFindings
from stackpress_py.tune.limits import Limits
from stackpress_py.tune.platens import Platen
from stackpress_py.tune.trial import Seen
from stackpress_py.tune.warming import SetpointFacts
from unit.tune.machines import HEAT_STEP, LIMITS, Changes, Machine, finish, trial_of, wanted

#: J/K and W/K of the simulated platens; the die of 60 J/K rests on the lower one.
CAPACITIES, DIE = (700.0, 720.0), 60.0
LOSSES, COOLING, COOLANT = (1.5, 1.7), (15.0, 14.0), 15.0
RATING = 800.0
#: A measurement takes too long to be shrunk.
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)


def measured(
    changes: Changes, limits: Limits = LIMITS, *parts: str
) -> tuple[HeatFindings, Machine]:
    machine = Machine(changes, step=HEAT_STEP)
    trial = trial_of(wanted(limits, *(parts or ("heat",))), limits)
    finish(trial, machine)
    assert trial.problem == ""
    assert trial.result is not None and trial.result.heat is not None
    return trial.result.heat, machine


def both(found: HeatFindings) -> tuple[Platen, Platen]:
    assert found.platens is not None
    return found.platens


@settings(max_examples=4, deadline=None, phases=NO_SHRINKING)
@given(
    st.builds(
        Changes,
        capacity=st.floats(0.5, 2.0),
        loss=st.floats(0.5, 2.0),
        power=st.floats(0.5, 1.0),
        seed=st.integers(1, 1000),
    )
)
@example(Changes(capacity=0.5, loss=0.5))
@example(Changes(capacity=2.0, loss=2.0, power=0.5))
def test_any_platen_is_measured_within_its_limits(changes: Changes) -> None:
    found, machine = measured(changes)
    assert machine.hottest <= LIMITS.temperature
    assert machine.hottest > LIMITS.temperature - 6.0
    for platen, capacity, loss, cooling, die in zip(
        both(found), CAPACITIES, LOSSES, COOLING, (0.0, DIE), strict=True
    ):
        # Only ratios to the power can be seen: the rating may be wrong.
        scale = RATING / (RATING * changes.power)
        true = (changes.capacity * capacity + die) * scale
        assert platen.capacity.value == pytest.approx(true, rel=0.06)
        assert platen.loss.value == pytest.approx(changes.loss * loss * scale, rel=0.05)
        # Conductance and temperature of the coolant make up for one another: what they do together counts.
        for warm in (40.0, 65.0):
            cold = platen.cooling.value * (warm - platen.coolant.value)
            assert cold == pytest.approx(cooling * scale * (warm - COOLANT), rel=0.1)
        assert platen.coupling.value < 0.5 * scale
        # Sensor 3 s, its dead time 1 s, and the element's own lag.
        assert 4.0 < platen.dead_time.value < 9.0


def test_platens_and_stack_are_measured_while_a_force_is_held() -> None:
    found, machine = measured(Changes(), LIMITS, "force", "heat")
    assert machine.peak <= LIMITS.force and machine.hottest <= LIMITS.temperature
    assert found.expansion is not None
    # Platens 0.3 um/K each and die 0.7 um/K, less what little of the frame follows.
    assert found.expansion.growth.value == pytest.approx(1.3e-6, rel=0.06)
    # The die conducts 8 W/K from one to the other.
    for platen in both(found):
        assert platen.coupling.value == pytest.approx(8.0, rel=0.15)
        assert platen.capacity.value == pytest.approx(740.0, rel=0.03)
    assert machine.plant.force == 0.0 and machine.plant.mechanics.drive.position < 1e-3
    assert machine.plant.thermal.upper.output == 0.0


def test_exchanged_thermometers_are_told_while_little_is_warm() -> None:
    machine = Machine(step=HEAT_STEP)
    trial = trial_of(wanted(LIMITS, "heat"), LIMITS)
    finish(trial, machine, lambda seen, _: replace(seen, upper=seen.lower, lower=seen.upper))
    assert "exchange the thermometers" in trial.problem
    assert machine.hottest < 60.0


def test_a_dead_heater_is_told() -> None:
    machine = Machine(Changes(power=1e-3), step=HEAT_STEP)
    trial = trial_of(wanted(LIMITS, "heat"), LIMITS)
    finish(trial, machine)
    assert "the upper platen became warmer by" in trial.problem
    assert "fuse" in trial.problem


def test_heaters_are_off_in_the_cycle_in_which_a_thermometer_is_lost_for_good() -> None:
    machine = Machine(step=HEAT_STEP)
    trial = trial_of(wanted(LIMITS, "heat"), LIMITS)

    def lose(seen: Seen, machine: Machine) -> Seen:
        machine.plant.upper_thermometer.open = machine.plant.time > 60.0
        return seen

    finish(trial, machine, lose)
    assert "not known any more" in trial.problem
    assert machine.plant.time < 62.0
    assert machine.plant.thermal.upper.output == machine.plant.thermal.lower.output == 0.0


def test_single_values_that_are_missing_spoil_nothing() -> None:
    machine = Machine(step=HEAT_STEP)
    trial = trial_of(wanted(LIMITS, "force", "heat"), LIMITS)
    count = itertools.count()

    def lose(seen: Seen, _: Machine) -> Seen:
        name = ("force", "position", "upper", "lower")[next(count) // 20 % 4]
        return replace(seen, **{name: math.nan}) if next(count) % 20 == 1 else seen

    finish(trial, machine, lose)
    assert trial.problem == "" and trial.result is not None
    ram, heat = trial.result.ram, trial.result.heat
    assert ram is not None and heat is not None and heat.expansion is not None
    assert ram.compliance.stiffness.value == pytest.approx(4.98e7, rel=0.03)
    assert heat.expansion.growth.value == pytest.approx(1.3e-6, rel=0.06)
    assert both(heat)[0].capacity.value == pytest.approx(740.0, rel=0.04)


def test_platens_with_controllers_of_their_own_tell_how_the_stack_grows() -> None:
    machine = Machine(step=HEAT_STEP, setpoints=True)
    what = wanted(LIMITS, "force", "heat")
    warm = SetpointFacts(LIMITS, uncertainty=1.5, coolest=25.0)
    trial = trial_of(replace(what, heat=warm), LIMITS)
    finish(trial, machine)
    assert trial.problem == "" and trial.result is not None and trial.result.heat is not None
    found = trial.result.heat
    assert found.platens is None and found.expansion is not None
    assert found.expansion.growth.value == pytest.approx(1.3e-6, rel=0.06)
    assert machine.hottest <= LIMITS.temperature and machine.peak <= LIMITS.force
    assert machine.plant.thermal.upper.output == 0.0
