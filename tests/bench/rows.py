"""What is measured: rows with targets, their results, and the table they make."""
import dataclasses
import math
import statistics

TABLES = ("Speed", "Size", "Nothing lost")


class NotYet(Exception):
    """The server does not have what the row measures."""


class NotHere(Exception):
    """This machine, or the rights of whoever runs it, do not allow the row."""


class NotMet(Exception):
    """It cannot be given a figure, because the server did something wrong."""


@dataclasses.dataclass(frozen=True)
class Limit:
    of: str  # "ratio" or "value"
    most: bool  # at most; else at least
    bound: float

    def holds(self, measure):
        actual = getattr(measure, self.of)
        return actual <= self.bound if self.most else actual >= self.bound

    def text(self, unit):
        number = f"{self.bound:g} ×" if self.of == "ratio" else f"{self.bound:g} {unit}"
        return ("≤ " if self.most else "≥ ") + number


def ratio_at_least(bound):
    return Limit("ratio", False, bound)


def ratio_at_most(bound):
    return Limit("ratio", True, bound)


def at_most(bound):
    return Limit("value", True, bound)


@dataclasses.dataclass
class Measure:
    value: float
    baseline: float | None = None
    ratio: float | None = None
    note: str = ""
    samples: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    table: str
    what: str
    unit: str
    against: str
    limits: tuple
    measure: callable
    spoils: bool  # leaves the filled store unfit for others, so it goes last

    def target(self):
        return ", ".join(limit.text(self.unit) for limit in self.limits)


@dataclasses.dataclass
class Result:
    row: Row
    verdict: str  # met, not met, not yet, not here, elsewhere, broken
    measure: Measure | None = None
    note: str = ""


ROWS = []


def row(name, table, what, unit="", against="–", limits=(), spoils=False):
    """Makes a row of the function it decorates, which takes a Bench and returns a Measure."""
    assert table in TABLES

    def add(function):
        ROWS.append(Row(name, table, what, unit, against, tuple(limits), function, spoils))
        return function

    return add


def run(chosen, bench):
    try:
        measure = chosen.measure(bench)
    except NotYet as reason:
        return Result(chosen, "not yet", note=str(reason))
    except NotHere as reason:
        return Result(chosen, "not here", note=str(reason))
    except NotMet as reason:
        return Result(chosen, "not met", note=str(reason))
    if not measure:
        return Result(chosen, "elsewhere")
    met = all(limit.holds(measure) for limit in chosen.limits)
    return Result(chosen, "met" if met else "not met", measure, measure.note)


# ---- statistics ----

def percentile(values, share):
    """The smallest value that `share` of all do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def alternate(rounds, measured, baseline):
    """Measures both in turn, changing who goes first, so that what the machine does meanwhile
    meets both. Returns (medians and the median of the pairs' ratios) as a Measure."""
    pairs = []
    for number in range(rounds):
        if number % 2:
            theirs = baseline()
            pairs.append((measured(), theirs))
        else:
            ours = measured()
            pairs.append((ours, baseline()))
    ratios = [ours / theirs for ours, theirs in pairs]
    return Measure(statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs),
                   statistics.median(ratios), f"ratios {min(ratios):.2f}–{max(ratios):.2f}",
                   {"measured": [p[0] for p in pairs], "baseline": [p[1] for p in pairs]})


# ---- output ----

def figure(number, unit):
    if number is None:
        return "–"
    digits = 0 if number >= 1000 or number == int(number) else 1 if number >= 10 else 2
    return f"{number:,.{digits}f} {unit}".strip()


def cells(result):
    m = result.measure or Measure(None)
    against = result.row.against
    if m.baseline is not None:
        against += f": {figure(m.baseline, result.row.unit)}"
    ratio = "–" if m.ratio is None else f"{m.ratio:,.2f}"
    return (result.row.name, result.row.what, figure(m.value, result.row.unit), against, ratio,
            result.row.target() or "–", result.verdict)


def table(results):
    """Markdown, with the notes beneath each table."""
    head = ("row", "what", "measured", "against", "ratio", "target", "")
    lines = []
    for title in TABLES:
        mine = [r for r in results if r.row.table == title]
        if not mine:
            continue
        grid = [head, *map(cells, mine)]
        widths = [max(len(line[i]) for line in grid) for i in range(len(head))]
        rendered = ["| " + " | ".join(c.ljust(w) for c, w in zip(line, widths)) + " |"
                    for line in grid]
        rule = "|" + "|".join("-" * (w + 2) for w in widths) + "|"
        notes = [f"- {r.row.name}: {r.note}" for r in mine if r.note]
        lines += [f"## {title}", "", rendered[0], rule, *rendered[1:], "", *notes, ""]
    return "\n".join(lines)


def as_json(result):
    r, m = result.row, result.measure
    return {"name": r.name, "table": r.table, "what": r.what, "unit": r.unit, "against": r.against,
            "targets": [dataclasses.asdict(limit) for limit in r.limits],
            "verdict": result.verdict, "note": result.note,
            "value": m and m.value, "baseline": m and m.baseline, "ratio": m and m.ratio,
            "samples": m.samples if m else {}}
