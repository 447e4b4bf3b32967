"""What the machine does in each of PackML's acting states, as steps."""

import math

from stackpress_py.machine.packml import State
from stackpress_py.machine.program import Program, Step, step
from stackpress_py.machine.run import Run
from stackpress_py.machine.seen import NOTHING_SEEN, Limits
from stackpress_py.machine.slots import (
    ClearOrder,
    OrderState,
    PressureMode,
    PressureOrder,
    Slots,
    TemperatureMode,
    TemperatureOrder,
)
from stackpress_py.recipes.model import SafeEnd

#: Any area will do where only the force matters.
UNIT_AREA = 1.0

#: States whose steps are all done, even if one of them fails.
TOLERANT = frozenset({State.STOPPING, State.ABORTING, State.COMPLETING})


class Programs:
    """Makes the programs of the acting states.

    Attributes:
        last: latest measurement.
    """

    def __init__(self, slots: Slots, limits: Limits) -> None:
        self.last = NOTHING_SEEN
        self._slots = slots
        self._limits = limits

    def of(self, state: State, run: Run | None, locked: bool) -> Program | None:
        """Return what is done on entering a state; None: nothing, it waits.

        Args:
            state: just entered.
            run: in progress; None: none.
            locked: nothing may move.
        """
        make = {
            State.CLEARING: self._clearing,
            State.RESETTING: self._resetting,
            State.STARTING: self._starting,
            State.HOLDING: self._holding,
            State.SUSPENDING: self._holding,
            State.UNHOLDING: self._unholding,
            State.UNSUSPENDING: self._unholding,
            State.COMPLETING: self._completing,
            State.STOPPING: self._stopping,
            State.ABORTING: self._aborting,
        }.get(state)
        return None if make is None else Program(make(run, locked), state in TOLERANT)

    def _clearing(self, run: Run | None, locked: bool) -> list[Step]:
        what = "the interlocks could not be cleared"
        return [
            step(what, self._slots.clear, ClearOrder(), self._limits.answer_time),
            Step(
                what,
                lambda: None,
                lambda: OrderState.RUNNING if self.last.interlocks else OrderState.DONE,
                lambda: self.last.interlock_text,
                self._limits.answer_time,
            ),
        ]

    def _resetting(self, run: Run | None, locked: bool) -> list[Step]:
        steps = [self._heat_off()]
        if not abs(self.last.sample.force) <= self._limits.handover.force:
            steps.append(self._unload("the press could not be unloaded", math.nan, UNIT_AREA))
        return steps

    def _starting(self, run: Run | None, locked: bool) -> list[Step]:
        if run is None:
            return []
        order, limit = run.start_record(), self._limits.record_time
        return [step("the record could not be opened", self._slots.start_record, order, limit)]

    def _holding(self, run: Run | None, locked: bool) -> list[Step]:
        if run is None:
            return []
        return [
            Step(
                "the present pressure could not be held",
                lambda: run.procedure.hold(self.last.sample),
                lambda: self._slots.pressure.state,
                lambda: self._slots.pressure.message,
                self._limits.answer_time,
            )
        ]

    def _unholding(self, run: Run | None, locked: bool) -> list[Step]:
        def begin() -> None:
            if run is not None:
                run.procedure.unhold()

        return [Step("", begin, lambda: OrderState.DONE, lambda: "", 1.0)]

    def _completing(self, run: Run | None, locked: bool) -> list[Step]:
        return [self._heat_off(), *self._close_record(run)]

    def _stopping(self, run: Run | None, locked: bool) -> list[Step]:
        if locked:
            return [self._stand_still(), self._heat_off(), *self._close_record(run)]
        if run is None or not run.begun:
            return [self._stand_still(), self._heat_off(), *self._close_record(run)]
        area = run.request.control.recipe.cell.die.area
        unload = self._unload(
            "the press could not be unloaded", run.procedure.unload_rate * area, area
        )
        return [unload, self._heat_off(), *self._close_record(run)]

    def _aborting(self, run: Run | None, locked: bool) -> list[Step]:
        # The order to the heaters goes out first, and nobody waits for it before the ram is safe.
        off = self._heat_off()
        steps = [Step("", off.begin, lambda: OrderState.DONE, lambda: "", 1.0)]
        # A locked press is not moved; but its controller must not wait for the lock to go.
        steps.append(self._stand_still() if locked else self._safe_end(run))
        steps.append(Step(off.what, lambda: None, off.state, off.message, off.limit))
        return [*steps, *self._close_record(run)]

    def _safe_end(self, run: Run | None) -> Step:
        if run is None or not run.begun or run.procedure.safe_end is SafeEnd.FREEZE:
            return self._stand_still()
        area = run.request.control.recipe.cell.die.area
        vent = run.procedure.safe_end is SafeEnd.VENT
        rate = self._limits.force_rate if vent else run.procedure.unload_rate * area
        return self._unload("the safe end failed", rate, area)

    def _stand_still(self) -> Step:
        order = PressureOrder(PressureMode.STAND_STILL, UNIT_AREA)
        what = "the ram was not ordered to stand still"
        return step(what, self._slots.pressure, order, self._limits.answer_time)

    def _heat_off(self) -> Step:
        order = TemperatureOrder(TemperatureMode.OFF)
        what = "the heaters were not switched off"
        return step(what, self._slots.temperature, order, self._limits.answer_time)

    def _unload(self, what: str, force_rate: float, area: float) -> Step:
        rate = force_rate if force_rate > 0.0 else self._limits.release_rate
        force = self.last.sample.force
        needed = (force / rate if force > 0.0 else 0.0) * 1.5 + self._limits.opening_time
        order = PressureOrder(PressureMode.UNLOAD, area, rate=rate / area, timeout=needed)
        return step(what, self._slots.pressure, order, needed)

    def _close_record(self, run: Run | None) -> list[Step]:
        started, slot = self._slots.start_record, self._slots.stop_record
        opened = started.order
        if run is None or opened is None or opened.run_id != run.request.run_id:
            return []
        if started.state is OrderState.FAILED:
            return []

        def begin() -> None:
            order = slot.order
            asked = order is not None and order.run_id == run.request.run_id
            if not (asked and slot.state in (OrderState.RUNNING, OrderState.DONE)):
                slot.give(run.stop_record())

        what = "the record could not be closed"
        return [
            Step(what, begin, lambda: slot.state, lambda: slot.message, self._limits.record_time)
        ]
