"""The simulated press as a program: ``python -m stackpress_py.sim --config FILE --link PATH --world PATH``."""

import argparse
import sys
from pathlib import Path

from .config import ConfigError
from .loading import load
from .port import PortError
from .program import Program
from .world import WorldError

USAGE_ERROR = 2


def main() -> None:
    """Run the simulated press until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="sim_press", description="Simulated reference press.")
    parser.add_argument("--config", type=Path, required=True, help="constants of the press (YAML)")
    parser.add_argument("--link", type=Path, required=True, help="link to make to the serial port")
    parser.add_argument("--world", type=Path, required=True, help="socket to make for the world")
    parser.add_argument("--truth", type=Path, help="file to write true values to (JSON lines)")
    arguments = parser.parse_args()
    try:
        config = load(arguments.config)
        program = Program(config, arguments.link, arguments.world, arguments.truth)
        program.run(lambda: print(f"ready {arguments.link}", flush=True))
    except (ConfigError, PortError, WorldError) as error:
        sys.exit(_complaint(str(error)))
    except OSError as error:
        sys.exit(_complaint(f"{error.filename or 'a file'}: {error.strerror}"))


def _complaint(text: str) -> int:
    print(f"sim_press: {text}", file=sys.stderr)
    return USAGE_ERROR


if __name__ == "__main__":
    main()
