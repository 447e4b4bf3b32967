"""The simulated press as a whole: plant, controller, line and port, and the robot's reach into it. No clock."""

import random
from pathlib import Path

from . import modbus_slave
from .config import ConfigError, SimConfig
from .line import Line
from .plant import Plant, TakenSample
from .plc import LOOK, Plc
from .port import Port
from .registers import Registers

#: N beyond which the press counts as closed.
CLOSED_FORCE = 20.0


class ReachError(Exception):
    """The robot's hand could not do its work; the message is one sentence."""


class SimulatedPress:
    """Everything of the simulated press that lasts.

    Args:
        config: of a press that is moved by velocity.
        link: path of the link to make to its serial port.

    Raises:
        ConfigError: it is moved otherwise.

    Attributes:
        plc: controller and plant.
        line, port: how the driver reaches it.
        cell_id: name of the cell in the die; None: none.
        arm_inside: a robot's arm is in the press.
        collisions: how often a robot's hand was hit, or laid a cell on another one.
        cycles: how often the press has closed on something and opened again.
    """

    def __init__(self, config: SimConfig, link: Path) -> None:
        if config.press.actuation != "velocity":
            raise ConfigError(
                f"'{config.name}' is moved by {config.press.actuation}, and the controller of the reference press"
                " knows velocities only: choose a file with 'press.actuation: velocity'"
            )
        self.plc = Plc(Plant(config))
        registers = Registers(self.plc)
        unit = config.wire.unit
        self.port = Port(link)
        self.line = Line(
            config.wire,
            lambda frame: modbus_slave.answer(frame, unit, registers),
            random.Random(config.seed + 1),
        )
        self.cell_id: str | None = None
        self.arm_inside = False
        self.collisions = 0
        self.cycles = 0
        self._closed = False
        self._hit = False

    @property
    def plant(self) -> Plant:
        """The physics."""
        return self.plc.plant

    def advance(self, until: float) -> None:
        """Let time pass up to ``until`` (s since the start), in whole steps of the controller."""
        steps = int((until - self.plant.time) / LOOK + 1e-6)
        for _ in range(steps):
            self.plc.advance(LOOK)
            self._watch()

    def _watch(self) -> None:
        plant = self.plant
        if plant.force > CLOSED_FORCE:
            self._closed = True
        elif self._closed and plant.open_enough:
            self._closed = False
            self.cycles += 1
        if self.arm_inside and plant.moving and not self._hit:
            self._hit = True
            self._collide("the ram moves while the robot's arm is inside")

    # ---- the robot -------------------------------------------------------------------------------

    def enter(self) -> None:
        """Reach in with the arm; ram motion from now on is a collision.

        Raises:
            ReachError: the press is not open or moves.
        """
        self._reach()
        self.arm_inside, self._hit = True, False
        self.plc.note("arm inside")

    def leave(self) -> None:
        """Take the arm out."""
        self.arm_inside = False
        self.plc.note("arm outside")

    def place(self, cell_id: str) -> None:
        """Lay a fresh cell into the die.

        Raises:
            ReachError: the press is not open or moves, or a cell is there.
        """
        self._reach()
        if self.cell_id is not None:
            raise self._collide(f"cell '{self.cell_id}' lies in the die already")
        self.plant.place()
        self.cell_id = cell_id
        self.plc.note(f"placed {cell_id}")

    def take(self) -> tuple[str, TakenSample]:
        """Take the cell out of the die; return its name and what it saw.

        Raises:
            ReachError: the press is not open or moves, or no cell is there.
        """
        self._reach()
        if self.cell_id is None:
            raise ReachError("no cell lies in the die")
        cell_id, self.cell_id = self.cell_id, None
        self.plc.note(f"taken {cell_id}")
        return cell_id, self.plant.take()

    def _reach(self) -> None:
        plant = self.plant
        position = plant.mechanics.drive.position * 1e3
        if plant.moving:
            raise self._collide(f"the ram moves, at {position:.2f} mm: the robot's hand was hit")
        if not plant.open_enough:
            raise self._collide(
                f"the press is not open, the ram is at {position:.2f} mm: the hand ran into it"
            )

    def _collide(self, text: str) -> ReachError:
        self.collisions += 1
        self.plc.note(f"collision: {text}")
        return ReachError(text)
