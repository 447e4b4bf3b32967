"""The node table: what one press consists of, and the names by which its parts know each other.

``stackpress up`` and the launch files start what stands here; the supervisor brings it up in this order.
All names are relative to the press's namespace.
"""

from dataclasses import dataclass

DEFAULT_NAMESPACE = "/press"


@dataclass(frozen=True, slots=True)
class NodeEntry:
    """One node of the graph.

    Attributes:
        name: ROS name of the node, and of its executable under ``lib/stackpress``.
        arguments: names of the launch arguments that the node takes as parameters.
    """

    name: str
    arguments: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        """Python module whose ``main`` runs the node."""
        return f"stackpress_py.nodes.{self.name}"


SUPERVISOR = "supervisor"

#: In the order of bring-up; the supervisor, which does the bringing up, stands last.
NODES = (
    NodeEntry("press_driver", ("profile", "port")),
    NodeEntry("pressure_controller", ("profile",)),
    NodeEntry("thermal_controller", ("profile",)),
    NodeEntry("data_logger", ("profile", "output_directory")),
    NodeEntry("recipe_sequencer", ("profile", "output_directory")),
    NodeEntry(SUPERVISOR),
)

#: The nodes that the supervisor brings up, in order.
MANAGED = tuple(node.name for node in NODES if node.name != SUPERVISOR)

#: The simulated press is a program beside the graph, not a node of it.
SIMULATOR_MODULE = "stackpress_py.sim"

# Topics
STATE = "state"
JOINT_STATES = "joint_states"
STACK = "stack"
#: Published from outside: a battery cycler's word, if there is one.
CYCLER = "cycler"
ACTUATOR_COMMAND = "actuator_command"
HEATER_COMMAND = "heater_command"
PRESSURE_LOOP = "loops/pressure"
UPPER_PLATEN_LOOP = "loops/upper_platen"
LOWER_PLATEN_LOOP = "loops/lower_platen"
MACHINE_STATE = "machine_state"
RUN_STATUS = "run_status"
RUN_EVENT = "run_event"
HEARTBEAT = "heartbeat"
HEALTH = "health"
DIAGNOSTICS = "/diagnostics"

# Actions
RUN_RECIPE = "run_recipe"
HANDOVER = "handover"
APPLY_PRESSURE = "apply_pressure"
APPLY_TEMPERATURE = "apply_temperature"

# Services
TARE = "tare"
SET_LOCK = "set_lock"
CLEAR_INTERLOCKS = "clear_interlocks"
VALIDATE_RECIPE = "validate_recipe"
CONFIRM_HANDOVER = "confirm_handover"
RELEASE_HANDOVER = "release_handover"
START_RECORD = "start_record"
STOP_RECORD = "stop_record"
#: Operator's commands to the machine: std_srvs/Trigger services of the sequencer.
MACHINE_COMMANDS = ("stop", "hold", "unhold", "abort", "clear", "reset")

#: s between two heartbeats of a node.
HEARTBEAT_PERIOD = 0.1
#: s of silence after which a node counts as dead.
HEARTBEAT_LIMIT = 0.5
