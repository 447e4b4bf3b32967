"""Motion of an axis: the trapezoid, stops, a push against a spring, and a machine that leads it."""

from collections.abc import Callable

import pytest

from stackpress_py.sim.devices.mover import Motion, Mover


def run(
    mover: Mover, begin: float, seconds: float, force: Callable[[float], float] = lambda x: 0.0
) -> list[tuple[float, float]]:
    """Advance in milliseconds; return positions and velocities."""
    seen = []
    for step in range(1, round(seconds * 1e3) + 1):
        mover.advance(begin + step * 1e-3, force(mover.position))
        seen.append((mover.position, mover.velocity))
    return seen


def test_a_move_is_a_trapezoid_that_ends_on_its_target() -> None:
    mover = Mover(0.0, 0.1)
    mover.move(0.02, speed=0.01, acceleration=0.1)
    seen = run(mover, 0.0, 3.0)
    speeds = [velocity for _, velocity in seen]
    assert max(speeds) == pytest.approx(0.01)
    assert speeds[49] == pytest.approx(0.005, rel=0.05)
    changes = [abs(b - a) for a, b in zip(speeds, speeds[1:], strict=False)]
    assert max(changes) <= 0.11e-3
    assert mover.position == pytest.approx(0.02, abs=3e-7)
    assert mover.motion is Motion.REST and max(p for p, _ in seen) <= 0.02 + 1e-7
    # 20 mm at 10 mm/s and 0.1 s for each end; the creep to the target is the loop's.
    arrived = next(n for n, (p, _) in enumerate(seen) if abs(p - 0.02) < 1e-5)
    assert 2.0 < arrived * 1e-3 < 2.4


def test_a_stop_decelerates() -> None:
    mover = Mover(0.0, 0.1)
    mover.move(0.05, 0.02, 0.1)
    run(mover, 0.0, 1.0)
    mover.stop()
    before = mover.position
    run(mover, 1.0, 1.0)
    assert mover.motion is Motion.REST
    assert mover.position - before == pytest.approx(0.02**2 / 0.2, rel=0.05)


def test_it_runs_on_until_a_hard_stop() -> None:
    mover = Mover(0.0, 0.01)
    mover.run(0.02, 1.0)
    run(mover, 0.0, 1.0)
    assert (mover.position, mover.velocity, mover.motion) == (0.01, 0.0, Motion.REST)


def test_a_push_holds_its_force_against_a_spring() -> None:
    mover = Mover(0.0, 0.1)

    def spring(position: float) -> float:
        return max(0.0, position - 0.002) * 5e7

    mover.push(0.02, speed=0.005, acceleration=1.0, limit=2000.0)
    seen = run(mover, 0.0, 4.0, spring)
    forces = [spring(position) for position, _ in seen]
    assert forces[-1] == pytest.approx(2000.0, rel=0.01)
    assert max(forces) < 2100.0
    assert mover.pressing and not mover.missed and mover.motion is Motion.PUSH


def test_a_push_into_the_void_is_missed() -> None:
    mover = Mover(0.0, 0.1)
    mover.push(0.01, 0.02, 1.0, limit=100_000.0)
    run(mover, 0.0, 2.0)
    assert mover.missed and mover.motion is Motion.REST


def test_a_pull_is_limited_likewise() -> None:
    mover = Mover(-0.1, 0.1)
    mover.push(-0.02, 0.005, 1.0, limit=2000.0)
    run(mover, 0.0, 5.0, lambda position: min(0.0, position + 0.002) * 5e7)
    assert mover.position == pytest.approx(-0.002 - 2000.0 / 5e7, abs=2e-6)


def test_a_machine_around_it_leads() -> None:
    mover = Mover(0.0, 0.1)
    mover.follow(0.0)
    mover.move(0.01, 0.01, 1.0)
    real, time = 0.0, 0.0
    for _ in range(4000):
        time += 1e-3
        mover.advance(time, 0.0)
        # It is slower than told.
        real += 0.5 * mover.velocity * 1e-3
        mover.follow(real)
    assert real == pytest.approx(0.01, abs=1e-6) and mover.motion is Motion.REST


def test_time_that_was_is_not_moved_again() -> None:
    mover = Mover(0.0, 0.1)
    mover.run(0.01, 10.0)
    mover.advance(1.0, 0.0)
    before = mover.position
    mover.advance(0.5, 0.0)
    assert mover.position == before
