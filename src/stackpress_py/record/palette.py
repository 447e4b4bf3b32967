"""Colours and type of the report.

The colours are the colour-blind-safe ones of Okabe and Ito (jfly.uni-koeln.de/color), made lighter
or darker where the background asks for it. Curves differ in line style as well, so that a grey
print can be read.
"""

#: CSS variable, light and dark value of each colour; no two light values are the same.
PALETTE = {
    "ink": ("#1b1f24", "#e6e9ee"),
    "muted": ("#5b6470", "#9aa4b2"),
    "grid": ("#e3e6ea", "#2a3038"),
    "line": ("#b9c0c9", "#4a535f"),
    "paper": ("#fefefe", "#15191f"),
    "stripe": ("#f5f7f9", "#1b2027"),
    "blue": ("#0072b2", "#56b4e9"),
    "cool": ("#cfe5f3", "#17405a"),
    "vermillion": ("#d55e00", "#ff8b3d"),
    "purple": ("#a8578a", "#dd9cc4"),
    "warm": ("#fae3d0", "#4f2d14"),
    "green": ("#00805f", "#2fa981"),
    "orange": ("#b97900", "#d9982c"),
    "grey": ("#7b838d", "#7b838c"),
}

INK = PALETTE["ink"][0]
MUTED = PALETTE["muted"][0]
GRID = PALETTE["grid"][0]
LINE = PALETTE["line"][0]
PAPER = PALETTE["paper"][0]
STRIPE = PALETTE["stripe"][0]
BLUE = PALETTE["blue"][0]
COOL = PALETTE["cool"][0]
VERMILLION = PALETTE["vermillion"][0]
PURPLE = PALETTE["purple"][0]
WARM = PALETTE["warm"][0]
GREEN = PALETTE["green"][0]
GREY = PALETTE["grey"][0]

#: Name in the palette, by verdict of a run or outcome of a phase; anything else is grey.
OUTCOMES = {
    "PASSED": "green",
    "FAILED": "vermillion",
    "ABORTED": "vermillion",
    "STOPPED": "orange",
    "INTERRUPTED": "orange",
}

STYLE = {
    "font.size": 9.5,
    "axes.edgecolor": LINE,
    "axes.labelcolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.axisbelow": True,
    "figure.facecolor": PAPER,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "text.color": INK,
    "lines.solid_joinstyle": "round",
    "svg.fonttype": "none",
    "svg.hashsalt": "stackpress",
}


def outcome_colour(word: str) -> str:
    """Return the name in the palette of a verdict or a phase's outcome."""
    return OUTCOMES.get(word, "grey")


def css_variables(shade: int) -> str:
    """Return the CSS declarations of the palette; ``shade`` 0 is light, 1 dark."""
    return " ".join(f"--{name}: {values[shade]};" for name, values in PALETTE.items())
