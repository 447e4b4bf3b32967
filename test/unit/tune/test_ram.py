"""What is measured of a ram, on machines that nobody has seen before, and what it never does to them."""

import math
import random
from dataclasses import replace

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from stackpress_py.devices.press.command import Velocity
from stackpress_py.paths import config
from stackpress_py.sim.loading import load
from stackpress_py.tune.findings import RamFindings
from stackpress_py.tune.free_ram import free_ram
from stackpress_py.tune.limits import Limits
from stackpress_py.tune.moves import RamFacts
from stackpress_py.tune.trial import Order, Seen
from unit.tune.machines import LIMITS, PERIOD, Changes, Machine, finish, run, trial_of, wanted

#: N/m, of the blank in the frame; and s of drive and load cell beside the wire and the drive's dead time.
BLANK_STIFFNESS = 1.1e10
DRIVE_LAG, CELL_LAG = 5e-3, 1.6e-3


def measured(changes: Changes, limits: Limits) -> tuple[RamFindings, Machine]:
    machine = Machine(changes)
    trial = trial_of(wanted(limits, "force"), limits)
    finish(trial, machine)
    assert trial.problem == ""
    assert trial.result is not None and trial.result.ram is not None
    return trial.result.ram, machine


#: A measurement takes too long to be shrunk.
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
machines = st.builds(
    Changes,
    frame=st.floats(2e7, 2e8),
    drive_delay=st.floats(0.0, 0.1),
    cycles=st.integers(1, 2),
    noise=st.floats(0.3, 3.0),
    seed=st.integers(1, 1000),
)


@settings(max_examples=12, deadline=None, phases=NO_SHRINKING)
@given(machines, st.floats(1.5e3, 1e4))
@example(Changes(frame=2e8, drive_delay=0.09, cycles=2, noise=3.0), 1.5e3)
@example(Changes(frame=2e7, drive_delay=0.0), 1e4)
def test_any_ram_is_measured_within_its_limits(changes: Changes, force: float) -> None:
    limits = replace(LIMITS, force=force, force_rate=2.0 * force)
    found, machine = measured(changes, limits)
    assert machine.peak <= force
    # The whole range was used: a press that is afraid measures nothing.
    assert machine.peak > 0.85 * force
    stiffness = 1.0 / (1.0 / changes.frame + 1.0 / BLANK_STIFFNESS)
    assert found.compliance.stiffness.value == pytest.approx(stiffness, rel=0.08)
    assert found.compliance.contact.value == pytest.approx(0.048, abs=2e-6)
    delay = changes.cycles * PERIOD + changes.drive_delay + DRIVE_LAG + CELL_LAG
    assert found.dead_time.value.value == pytest.approx(delay, abs=4e-3)
    # Afterwards it is open, unloaded and at rest.
    assert machine.plant.force == 0.0
    assert machine.plant.mechanics.drive.position < 1e-3
    assert not machine.plant.moving


def test_the_uncertainties_are_those_of_repeated_measurements() -> None:
    found = [measured(Changes(seed=seed), LIMITS)[0] for seed in range(1, 7)]
    for values, told in (
        (
            [each.dead_time.value.value for each in found],
            [each.dead_time.value.deviation for each in found],
        ),
        (
            [each.compliance.contact.value for each in found],
            [each.compliance.contact.deviation for each in found],
        ),
    ):
        mean = sum(values) / len(values)
        scatter = math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
        average = sum(told) / len(told)
        assert scatter / 4.0 < average < 4.0 * scatter


@pytest.mark.parametrize("seed", range(1, 7))
def test_pauses_of_the_computer_cost_no_more_than_was_reserved(seed: int) -> None:
    """The press goes on as it was told last for up to a quarter of a second, again and again."""
    frame = (2e7, 5e7, 2e8)[seed % 3]
    machine = Machine(Changes(frame=frame, seed=seed))
    trial = trial_of(wanted(LIMITS, "force"), LIMITS)
    random_pause = random.Random(seed)

    def pause(seen: Seen, machine: Machine) -> Seen:
        if machine.plant.force > 50.0 and random_pause.random() < 0.02:
            machine.go_on(0.23)
        return seen

    finish(trial, machine, pause)
    assert machine.peak <= LIMITS.force
    assert machine.plant.force == 0.0 and machine.plant.mechanics.drive.position < 1e-3


def test_a_powder_is_no_blank() -> None:
    base = load(config("sim", "reference.yaml"))
    machine = Machine(base=base)
    limits = replace(LIMITS, clear_to=0.047)
    trial = trial_of(wanted(limits, "force"), limits)
    finish(trial, machine)
    assert trial.result is None
    assert "does not spring back" in trial.problem
    assert machine.peak <= limits.force
    assert machine.plant.mechanics.drive.position < 1e-3


def test_a_press_with_nothing_in_it_is_told_and_opened() -> None:
    base = load(config("sim", "empty_die.yaml"))
    machine = Machine(base=base)
    limits = replace(LIMITS, deepest=0.0495)
    trial = trial_of(wanted(limits, "force"), limits)
    finish(trial, machine)
    assert trial.result is None
    assert "nothing touches" in trial.problem and "blank" in trial.problem
    assert machine.plant.mechanics.drive.position < 1e-3


def test_a_ram_that_goes_the_wrong_way_is_left_alone() -> None:
    machine = Machine()
    trial = trial_of(wanted(LIMITS, "force"), LIMITS)
    orders = finish(trial, machine, lambda seen, _: replace(seen, position=5e-3 - seen.position))
    assert "opens when it is told to close" in trial.problem
    assert machine.plant.mechanics.drive.position < 2e-3
    assert orders[-1].motion is None and not machine.plant.moving


class SlowStarter(Machine):
    """A drive that needs some cycles until it moves, as one that is switched on first; it stops at once."""

    CYCLES = 7
    _waiting = 0

    def go_on(self, seconds: float) -> None:
        acting = self._acting
        moves = isinstance(acting.motion, Velocity) and acting.motion.velocity != 0.0
        self._waiting = self._waiting + 1 if moves else 0
        if 0 < self._waiting <= self.CYCLES:
            self._acting = Order()
        super().go_on(seconds)
        self._acting = acting


def test_a_drive_that_is_slow_to_start_does_what_it_is_told() -> None:
    found = run(free_ram(RamFacts(LIMITS, PERIOD)), SlowStarter())
    # Late starts are lag, not a wrong speed: the way is short by a sixth.
    for each in found.tries:
        assert each.gain == pytest.approx(1.0, abs=0.02)
        assert each.lag.value == pytest.approx((SlowStarter.CYCLES + 1.5) * PERIOD, abs=0.02)


def test_a_ram_with_a_wrong_unit_is_left_alone() -> None:
    machine = Machine()
    trial = trial_of(wanted(LIMITS, "force"), LIMITS)
    finish(trial, machine, lambda seen, _: replace(seen, position=0.85 * seen.position))
    assert "moved with 1.7 mm/s when it was told to move with 2 mm/s" in trial.problem
    assert not machine.plant.moving


def test_a_sample_that_is_in_the_way_early_is_met_within_the_limit() -> None:
    """Nothing may touch up to `clear_to`: where that was wrong, the guard and the press's own limits are left."""
    machine = Machine(Changes(frame=2e7))
    limits = replace(LIMITS, clear_to=0.0485)
    trial = trial_of(wanted(limits, "force"), limits)
    finish(trial, machine)
    assert trial.result is None
    assert "the force" in trial.problem
    assert machine.plant.force == 0.0


def test_the_user_can_end_it_at_any_force_and_the_press_opens() -> None:
    machine = Machine()
    trial = trial_of(wanted(LIMITS, "force"), LIMITS)

    def end(seen: Seen, _: Machine) -> Seen:
        if seen.force > 3e3:
            trial.stop("ended by the user")
        return seen

    finish(trial, machine, end)
    assert trial.problem == "ended by the user" and trial.result is None
    assert machine.peak < 3.5e3
    assert machine.plant.force == 0.0 and machine.plant.mechanics.drive.position < 1e-3
