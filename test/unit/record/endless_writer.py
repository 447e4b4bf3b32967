"""Record messages at 400 Hz until somebody kills this process; print the log time of each."""

import sys
import time
from pathlib import Path

from stackpress_py.record.mcap_writer import RawMessage
from stackpress_py.record.worker import Order, RecordWorker

sys.path.insert(0, str(Path(__file__).parents[2]))

from unit.record import synthetic  # noqa: E402


def main() -> None:
    """Write until killed."""
    base = Path(sys.argv[1])
    worker = RecordWorker(synthetic.graph(base))
    worker.open(Order("run_1", base / "runs", 0.0, synthetic.ORDER)).result(10.0)
    start = time.monotonic()
    index = 0
    while True:
        now = time.time_ns()
        data = synthetic.message("stackpress/msg/PressState", now * 1e-9, force=float(index))
        worker.put(RawMessage("/press/state", data, now, now))
        print(now, flush=True)
        index += 1
        time.sleep(max(0.0, start + index / 400.0 - time.monotonic()))


if __name__ == "__main__":
    main()
