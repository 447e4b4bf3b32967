"""What ``stackpress up`` and the launch files share: how a node of the table is started.

It knows neither rclpy nor launch, so that both can read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stackpress_py.graph import NodeEntry
from stackpress_py.paths import config, share_directory

#: Executable of the simulated press under lib/stackpress.
SIMULATOR_EXECUTABLE = "sim_press"
#: Executable of the simulated glovebox robot under lib/stackpress.
ROBOT_EXECUTABLE = "glovebox_robot"
#: Profile of the press that config/sim/reference.yaml simulates.
DEFAULT_PROFILE = "reference_plc"
DEFAULT_RECIPE = "demo"


@dataclass(frozen=True, slots=True)
class SimulatorFiles:
    """Where a simulated press is reached.

    Attributes:
        link: symbolic link to the pseudo-terminal that the driver opens.
        world: Unix socket through which robots and tests act on the simulated world.
    """

    link: Path
    world: Path

    @classmethod
    def within(cls, folder: Path) -> "SimulatorFiles":
        """Return the usual names in a folder."""
        return cls(folder / "press_port", folder / "world")

    def arguments(self, sim_config: Path, truth: Path | None = None) -> tuple[str, ...]:
        """Return the simulator's command line without its executable."""
        words = ("--config", str(sim_config), "--link", str(self.link), "--world", str(self.world))
        return (*words, "--truth", str(truth)) if truth is not None else words


def profile_path(word: str) -> Path:
    """Return the file of a press profile: a name in config/presses, or a path."""
    if "/" in word or word.endswith((".yaml", ".yml")):
        return Path(word).expanduser().resolve()
    return config("presses", f"{word}.yaml")


def ros_defaults() -> dict[str, str]:
    """Return the environment's settings for all programs, unless the user has set them."""
    return {
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        # Shared memory is no faster for small messages, and a killed process leaves its files.
        "FASTDDS_BUILTIN_TRANSPORTS": "UDPv4",
        # Without it the first discovery takes up to 3 s whenever its first packet is lost.
        "FASTRTPS_DEFAULT_PROFILES_FILE": str(config("fastdds.xml")),
        # Lines of several processes must come out whole, and soon.
        "RCUTILS_LOGGING_BUFFERED_STREAM": "1",
        "PYTHONUNBUFFERED": "1",
    }


def parameter_file() -> Path:
    """Return the file with the nodes' parameters."""
    return config("nodes.yaml")


def press_model() -> Path:
    """Return the press's geometry as URDF."""
    return share_directory() / "urdf" / "press.urdf"


def simulator_config() -> Path:
    """Return the constants of the simulated reference press."""
    return config("sim", "reference.yaml")


def node_parameters(node: NodeEntry, arguments: Mapping[str, str]) -> dict[str, str]:
    """Return the launch arguments that a node takes; an empty one leaves the node's default."""
    return {name: arguments[name] for name in node.arguments if arguments.get(name)}


def ros_arguments(node: NodeEntry, namespace: str, arguments: Mapping[str, str]) -> tuple[str, ...]:
    """Return the command line of a node without its executable."""
    words = ["--ros-args", "-r", f"__node:={node.name}", "-r", f"__ns:={namespace}"]
    words += ["--params-file", str(parameter_file())]
    for name, value in node_parameters(node, arguments).items():
        # Quoted for YAML: a text that looks like a number stays a text.
        quoted = value.replace("'", "''")
        words += ["-p", f"{name}:='{quoted}'"]
    return tuple(words)
