"""What is done in each scenario, what is made of its results, and by which names they are kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import numpy as np

from . import holding, plan, scenarios


class Result(Protocol):
    """Of one contender on one plant; as text it says where.

    Attributes:
        severity: what is worst is looked at first.
        lost: why the contender gave up; empty: it did not.
    """

    lost: str

    @property
    def severity(self) -> float:
        """What is worst is looked at first."""


#: Does one thing with one plant.
Job = Callable[[], Any]


@dataclass(frozen=True)
class Scenario:
    """One scenario.

    Attributes:
        title: what is done.
        jobs: of a contender and a way to move the press.
        figures: of some results, by what they tell.
        name: of a figure for a way to move the press; empty: for all.
        ideal: figures of a perfect plant that is where the reference is; empty: they are all 0.
    """

    title: str
    jobs: Callable[[str, str], list[Job]]
    figures: Callable[[Sequence[Any]], Mapping[str, float]]
    name: Callable[[str, str], str]
    ideal: Mapping[str, float] = field(default_factory=dict)

    def named(self, found: Sequence[Result], actuation: str, contender: str) -> dict[str, float]:
        """Return the figures of some results by their names in build/bench.json."""
        return self._named(self.figures(found), actuation, contender)

    def ideal_named(self) -> dict[str, float]:
        """Return the ideal's figures by their names."""
        return self._named(self.ideal, "", "ideal")

    def _named(
        self, figures: Mapping[str, float], actuation: str, contender: str
    ) -> dict[str, float]:
        suffix = "" if contender == "ours" else f".{contender}"
        return {
            self.name(figure, actuation) + suffix: round(float(value), 4)
            for figure, value in figures.items()
        }


def scenario(name: str, quick: bool, whole: bool) -> Scenario:
    """Return a scenario; ``quick``: on fewer plants, ``whole``: holds on all of them."""
    if name == "press":
        return _press(quick)
    if name == "fracture":
        return _fracture()
    return _hold(name, whole)


# ---- pressing ------------------------------------------------------------------------------------------------------


def _press(quick: bool) -> Scenario:
    def jobs(contender: str, actuation: str) -> list[Job]:
        plants = plan.presses(actuation, quick)
        return [partial(scenarios.press, case, contender, rate) for case, rate in plants]

    ideal = [scenarios.ideal(rate) for rate in plan.RATES]
    return Scenario(
        "74 MPa at 1 and 2 MPa/s", jobs, _press_figures, _press_name, _press_figures(ideal)
    )


def _press_figures(found: Sequence[scenarios.Pressed]) -> Mapping[str, float]:
    return {
        "overshoot_pct": max(each.overshoot for each in found),
        "settle_ratio": float(np.percentile([each.ratio for each in found], 95.0)),
        "given_up": sum(bool(each.lost) for each in found),
    }


def _press_name(figure: str, actuation: str) -> str:
    if figure == "overshoot_pct":
        return f"force.overshoot_pct.{actuation or 'max'}"
    if figure == "settle_ratio":
        return f"force.settle_ratio.{actuation}_p95" if actuation else "force.settle_ratio.p95"
    return _with("force.given_up.press", actuation)


# ---- holding -------------------------------------------------------------------------------------------------------

HOLDS = {
    "anneal": ("1 MPa, platens from 25 to 120 degC at 5 K/min", holding.anneal),
    "breathing": ("5 MPa on a cell that is cycled, in a room that warms by 2 K", holding.breathing),
    "relaxation": ("74 MPa for an hour", holding.relaxation),
}


def _hold(name: str, whole: bool) -> Scenario:
    title, work = HOLDS[name]

    def jobs(contender: str, actuation: str) -> list[Job]:
        holds = plan.holds(name, contender, actuation, whole)
        return [partial(work, hold, contender) for hold in holds]

    def named(figure: str, actuation: str) -> str:
        kept = {"worst_pct": f"hold_dev_pct.{name}", "rms_pct": f"hold_dev_pct.{name}_rms"}
        return _with(f"force.{kept.get(figure, f'{figure}.{name}')}", actuation)

    return Scenario(title, jobs, _hold_figures, named)


def _hold_figures(found: Sequence[holding.Held]) -> Mapping[str, float]:
    return {
        "worst_pct": max(each.worst for each in found),
        "rms_pct": max(each.rms for each in found),
        "given_up": sum(bool(each.lost) for each in found),
    }


# ---- a sample that gives way ---------------------------------------------------------------------------------------


def _fracture() -> Scenario:
    def jobs(contender: str, actuation: str) -> list[Job]:
        return [
            partial(work, case, contender)
            for work, cases in (
                (scenarios.cracks, plan.fragile(actuation)),
                (scenarios.cracks_in_hold, plan.powders(actuation)),
                (scenarios.vanishes, plan.taken(actuation)),
                (scenarios.vanishes_on_the_way, plan.taken(actuation)),
            )
            for case in cases
        ]

    return Scenario("A sample that gives way", jobs, _fracture_figures, _fracture_name)


def _fracture_figures(found: Sequence[scenarios.Chased]) -> Mapping[str, float]:
    return {"chase_mm": max(each.chase for each in found)}


def _fracture_name(figure: str, actuation: str) -> str:
    return _with(f"force.fracture_{figure}", actuation)


def _with(name: str, actuation: str) -> str:
    return f"{name}.{actuation}" if actuation else name
