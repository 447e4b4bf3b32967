"""The height of what lies between the punches."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py import documents
from stackpress_py.control.compliance import Compliance, ComplianceDocument
from stackpress_py.control.tuning import TuningDocument
from stackpress_py.documents import DocumentError

SECTION = """\
blank_height: 5 mm
reference_position: 45 mm
height_uncertainty: 2 um
position_uncertainty: 1 um
position_resolution: 0.1 um
deflection_uncertainty: 1 um
temperature: 25 degC
points: [[100 N, 4 um], [1 kN, 24 um], [10 kN, 204 um]]
"""


def compliance(expansion: float = 0.0) -> Compliance:
    return documents.loads(SECTION, ComplianceDocument).compliance(expansion)


forces = st.floats(0.0, 2e4)
heights = st.floats(1e-4, 1e-2)


@given(
    st.lists(
        st.tuples(st.floats(1.0, 3e3), st.floats(1e-8, 1e-4)), min_size=2, max_size=12
    ),
    forces, heights, st.floats(0.0, 100.0),
)  # fmt: skip
def test_a_body_of_known_height_is_measured_on_any_frame(
    steps: list[tuple[float, float]], force: float, height: float, warming: float
) -> None:
    points, at = [(0.0, 0.0)], (0.0, 0.0)
    for rise in steps:
        at = (at[0] + rise[0], at[1] + rise[1])
        points.append(at)
    frame = replace(
        compliance(1.3e-6),
        forces=tuple(f for f, _ in points),
        deflections=tuple(d for _, d in points),
    )
    # The frame by itself: a straight piece between two points, and on beyond the last one.
    pairs = list(zip(points, points[1:], strict=False))
    (f0, d0), (f1, d1) = next((p for p in pairs if force <= p[1][0]), pairs[-1])
    gives = d0 + (force - f0) / (f1 - f0) * (d1 - d0)
    position = 0.045 + gives - 1.3e-6 * warming - (height - 0.005)
    assert frame.height(force, position, 25.0 + warming) == pytest.approx(height, abs=1e-12)


def test_the_parts_of_the_uncertainty() -> None:
    press = compliance(1e-6)
    fixed = math.hypot(2e-6, 1e-6, 0.1e-6 / math.sqrt(3.0), 1e-6)
    assert press.height_uncertainty(1e4, 0.0, 25.0) == pytest.approx(fixed)
    # 100 N more or less are 2 um of deflection; a correction by 50 um is good to 20 % (k = 2).
    assert press.height_uncertainty(5e3, 100.0, 25.0) == pytest.approx(math.hypot(fixed, 2e-6))
    assert press.height_uncertainty(1e4, 0.0, 75.0) == pytest.approx(math.hypot(fixed, 10e-6))
    # Beyond the last point the frame is only believed to go on.
    assert press.curve_uncertainty(2e4) == pytest.approx(2e-6)


def test_a_press_whose_expansion_is_not_known_tells_no_height_when_it_is_warm() -> None:
    press = compliance()
    assert press.height(1e3, 0.0445, 29.0) == pytest.approx(0.005524)
    assert math.isnan(press.height(1e3, 0.0445, 31.0))
    # Without thermometers there is nothing to correct.
    assert press.height(1e3, 0.0445, math.nan) == pytest.approx(0.005524)


@pytest.mark.parametrize(("force", "position"), [(math.nan, 0.045), (1e3, math.nan)])
def test_what_is_not_known_gives_no_height(force: float, position: float) -> None:
    assert math.isnan(compliance().height(force, position, 25.0))


@pytest.mark.parametrize(
    "points",
    ["[[1 kN, 20 um], [100 N, 30 um]]", "[[100 N, 4 um], [1 kN, 4 um]]", "[[-1 N, 4 um], [1 N, 5 um]]"],
)  # fmt: skip
def test_points_that_do_not_rise_are_refused(points: str) -> None:
    section = SECTION[: SECTION.index("points")] + f"points: {points}\n"
    with pytest.raises(DocumentError, match="force and deflection must rise"):
        documents.loads(section, ComplianceDocument)


def test_a_tuning_file_may_have_the_section() -> None:
    lines = "".join(f"  {line}\n" for line in SECTION.splitlines())
    document = documents.loads(f"tuning: some\ncompliance:\n{lines}", TuningDocument)
    assert document.compliance is not None
    assert documents.loads(documents.dumps(document), TuningDocument) == document


def test_or_it_may_not() -> None:
    assert documents.loads("tuning: some\n", TuningDocument).compliance is None
