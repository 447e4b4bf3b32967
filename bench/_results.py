"""The figures that the benchmarks leave behind: one flat object in build/bench.json."""

import json
import math
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

PATH = Path(__file__).resolve().parent.parent / "build" / "bench.json"


def merge(figures: Mapping[str, float], path: Path = PATH) -> None:
    """Add figures to the file, in place of older ones of the same name; the others stay.

    Raises:
        ValueError: a figure is no finite number.
    """
    wrong = [name for name, figure in figures.items() if not math.isfinite(figure)]
    if wrong:
        raise ValueError(f"these figures are no numbers: {', '.join(wrong)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(path.read_text()) if path.exists() else {}
    text = json.dumps({**known, **figures}, indent=2, sort_keys=True, allow_nan=False)
    descriptor, fresh = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
    Path(fresh).replace(path)
