"""Simulated devices as a program: ``python -m stackpress_py.sim.devices --config FILE --folder FOLDER``."""

import argparse
import sys
from pathlib import Path

from ..config import ConfigError
from ..port import PortError
from ..world import WorldError
from .bench_config import load
from .bench_program import BenchProgram
from .tcp import ListenError

USAGE_ERROR = 2


def main() -> None:
    """Run the devices until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="sim_devices", description="Simulated devices.")
    parser.add_argument("--config", type=Path, required=True, help="lines and devices (YAML)")
    parser.add_argument(
        "--folder",
        type=Path,
        required=True,
        help="where to make a link for each line, and the socket 'world'",
    )
    arguments = parser.parse_args()
    try:
        program = BenchProgram(load(arguments.config), arguments.folder)
        program.run(lambda addresses: print("ready", *addresses, flush=True))
    except (ConfigError, ListenError, PortError, WorldError) as error:
        sys.exit(_complaint(str(error)))
    except OSError as error:
        sys.exit(_complaint(f"{error.filename or 'a file'}: {error.strerror}"))


def _complaint(text: str) -> int:
    print(f"sim_devices: {text}", file=sys.stderr)
    return USAGE_ERROR


if __name__ == "__main__":
    main()
