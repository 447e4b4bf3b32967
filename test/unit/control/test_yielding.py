"""Stacks that break, slip, flow away, and those that only look like it."""

from stackpress_py.control.law import ForceSample
from stackpress_py.control.yielding import YieldWatch

DT = 1.0 / 60.0
NOISE = 3.0


def sample(step: int, force: float, position: float = 0.05) -> ForceSample:
    return ForceSample(step * DT, force, 10.0, position)


def watch(forces: list[float], positions: list[float] | None = None) -> list[str]:
    watch, said = YieldWatch(10.0), []
    for step, force in enumerate(forces):
        position = positions[step] if positions else 0.05
        watch.step(sample(step, force, position), 0.0, NOISE, rising=True)
        said.append(watch.lost)
    return said


def test_a_crack_is_seen_at_the_first_sample() -> None:
    said = watch([5000.0, 5002.0, 4600.0])
    assert said[:2] == ["", ""]
    assert "broke or slipped" in said[2]


def test_a_stack_that_flows_away_under_the_ram_is_followed_no_farther_than_30_um() -> None:
    count = 300
    forces = [5000.0 - 20.0 * step for step in range(count)]
    positions = [0.05 + 1e-6 * step for step in range(count)]
    said = watch(forces, positions)
    first = next(step for step, text in enumerate(said) if text)
    assert "the ram follows" in said[first]
    fallen = next(step for step, force in enumerate(forces) if force < 0.97 * 5000.0 - 30.0)
    assert 29 <= first - fallen <= 32


def test_a_force_that_is_taken_off_is_no_loss() -> None:
    watch = YieldWatch(10.0)
    for step in range(100):
        watch.step(sample(step, 5000.0 - 45.0 * step), 0.0, NOISE, rising=False)
        assert not watch.lost


def test_a_movement_back_explains_a_fall() -> None:
    watch = YieldWatch(10.0)
    watch.step(sample(0, 1000.0), 0.0, NOISE, rising=True)
    watch.step(sample(1, 900.0), -60.0, NOISE, rising=True)
    assert not watch.lost


def test_a_punch_that_finds_its_seat_is_no_fracture() -> None:
    assert watch([20.0, 12.5]) == ["", ""]


def test_a_long_gap_proves_nothing() -> None:
    watch = YieldWatch(10.0)
    watch.step(sample(0, 5000.0), 0.0, NOISE, rising=True)
    watch.step(sample(10, 4600.0), 0.0, NOISE, rising=True)
    assert not watch.lost
