#!/usr/bin/env python3
"""Makes the pictures and tables of report.md from a study's folder: report.py STUDY. Python's own library is all it needs.

Writes charts (SVG) and summary.csv beside itself and fills the text between the marks of report.md."""
import csv
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
METHODS = ["sft", "lisa", "bso", "vaccine", "random_vaccine", "sft:single", "booster"]
COLOURS = {"sft": "#222222", "sft:single": "#888888", "vaccine": "#0072b2", "random_vaccine": "#56b4e9", "booster": "#d55e00", "lisa": "#009e73", "bso": "#cc79a7"}
HS, FA, REFUSED, BENIGN, DRIFT = "harmful score", "accuracy strict", "over-refusal", "benign accuracy", "drift (relative)"


def read(folder):
    """{(method, p, metric): {step: [value of each seed]}} of the fine-tunings and {(method, p, metric): row} of the summary."""
    curves, finals = {}, {}
    with open(folder / "results.csv", newline="") as file:
        for row in csv.DictReader(file):
            if row["stage"] == "finetune":
                steps = curves.setdefault((row["method"], float(row["ratio"]), row["metric"]), {})
                steps.setdefault(float(row["step"]), []).append(float(row["value"]))
    with open(folder / "summary.csv", newline="") as file:
        for row in csv.DictReader(file):
            finals[(row["method"], float(row["ratio"]), row["metric"])] = {name: float(row[name]) for name in ("seeds", "mean", "least", "greatest", "std")}
    return curves, finals


def panel(lines, x0, y0, width, height, title, x_range, y_range, x_label, percent):
    """One chart: lines are (colour, dashed, [(x, mean, least, greatest)])."""
    place = lambda x, y: (x0 + (x - x_range[0]) / (x_range[1] - x_range[0]) * width, y0 + height - (y - y_range[0]) / (y_range[1] - y_range[0]) * height)
    svg = [f'<text x="{x0}" y="{y0 - 8}" font-weight="bold">{title}</text>', f'<rect x="{x0}" y="{y0}" width="{width}" height="{height}" fill="none" stroke="#bbb"/>']
    for i in range(5):
        value = y_range[0] + (y_range[1] - y_range[0]) * i / 4
        y = place(x_range[0], value)[1]
        svg.append(f'<line x1="{x0}" x2="{x0 + width}" y1="{y:.1f}" y2="{y:.1f}" stroke="#eee"/><text x="{x0 - 6}" y="{y + 4:.1f}" text-anchor="end">{value * 100:.0f} %</text>' if percent
                   else f'<line x1="{x0}" x2="{x0 + width}" y1="{y:.1f}" y2="{y:.1f}" stroke="#eee"/><text x="{x0 - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.2f}</text>')
    for i in range(5):
        value = x_range[0] + (x_range[1] - x_range[0]) * i / 4
        svg.append(f'<text x="{place(value, 0)[0]:.1f}" y="{y0 + height + 16}" text-anchor="middle">{value:g}</text>')
    svg.append(f'<text x="{x0 + width / 2}" y="{y0 + height + 32}" text-anchor="middle">{x_label}</text>')
    for colour, dashed, points in lines:
        upper = [place(x, high) for x, _, _, high in points]
        lower = [place(x, low) for x, _, low, _ in reversed(points)]
        svg.append('<polygon points="' + " ".join(f"{x:.1f},{y:.1f}" for x, y in upper + lower) + f'" fill="{colour}" opacity="0.15"/>')
        dash = ' stroke-dasharray="5 3"' if dashed else ""
        svg.append('<polyline points="' + " ".join("{:.1f},{:.1f}".format(*place(x, mean)) for x, mean, _, _ in points) + f'" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
    return svg


def picture(name, panels, columns):
    """panels: (title, x label, percent, {method: [(x, mean, least, greatest)]})."""
    width, height, left, top = 300, 200, 60, 40
    rows = -(-len(panels) // columns)
    total = (columns * (width + left) + 20, rows * (height + top + 45) + 30)
    svg = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{total[0]}" height="{total[1]}" viewBox="0 0 {total[0]} {total[1]}" font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>']
    for i, (title, label, percent, lines) in enumerate(panels):
        xs = [point[0] for points in lines.values() for point in points]
        highest = 1 if percent else max(point[3] for points in lines.values() for point in points) * 1.05
        drawn = [(COLOURS[method], ":" in method or method == "booster", lines[method]) for method in METHODS if method in lines]
        svg += panel(drawn, left + (i % columns) * (width + left), top + (i // columns) * (height + top + 45), width, height, title, (min(xs), max(xs)), (0, highest), label, percent)
    x = left
    for method in METHODS:
        dash = ' stroke-dasharray="5 3"' if ":" in method or method == "booster" else ""
        svg.append(f'<line x1="{x}" x2="{x + 22}" y1="{total[1] - 16}" y2="{total[1] - 16}" stroke="{COLOURS[method]}" stroke-width="2"{dash}/><text x="{x + 27}" y="{total[1] - 12}">{method}</text>')
        x += 45 + 7 * len(method)
    (HERE / name).write_text("\n".join(svg + ["</svg>"]) + "\n")


def table(finals, metric, ratios, form):
    lines = ["| method | " + " | ".join(f"p = {p:g}" for p in ratios) + " |", "|---" * (len(ratios) + 1) + "|"]
    for method in METHODS:
        cells = [form(finals[(method, p, metric)]) if (method, p, metric) in finals else "–" for p in ratios]
        lines.append(f"| {method} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main():
    curves, finals = read(pathlib.Path(sys.argv[1]))
    ratios = sorted({p for _, p, _ in finals})
    band = lambda steps: [(x, sum(v) / len(v), min(v), max(v)) for x, v in sorted(steps.items())]
    course = lambda p, metric: {m: band(curves[(m, p, metric)]) for m in METHODS if (m, p, metric) in curves}
    ends = lambda metric: {m: [(p, f["mean"], f["least"], f["greatest"]) for p in ratios if (f := finals.get((m, p, metric)))] for m in METHODS if (m, ratios[0], metric) in finals}
    picture("harmful-score.svg", [(f"Harmful score, p = {p:g}", "step", True, course(p, HS)) for p in ratios if p > 0], 2)
    picture("courses.svg", [("Accuracy, p = 0.1", "step", True, course(0.1, FA)), ("Drift (relative), p = 0.1", "step", False, course(0.1, DRIFT)),
                            ("Harmful loss, p = 0.1", "step", False, course(0.1, "loss/harmful")), ("Over-refusal, p = 0.1", "step", True, course(0.1, REFUSED))], 2)
    picture("against-ratio.svg", [("Harmful score at the end", "poison ratio p", True, ends(HS)), ("Accuracy at the end", "poison ratio p", True, ends(FA)),
                                  ("Drift (relative) at the end", "poison ratio p", False, ends(DRIFT)), ("Benign accuracy at the end", "poison ratio p", True, ends(BENIGN))], 2)
    share = lambda f: f"{f['mean'] * 100:.0f} ({f['least'] * 100:.0f}–{f['greatest'] * 100:.0f})"
    number = lambda f: f"{f['mean']:.2f} ± {f['std']:.2f}"
    parts = [("Harmful score at the end, %: mean (least–greatest seed)", HS, share), ("Accuracy of the user's task at the end (strict), %", FA, share), ("Over-refusal of benign questions at the end, %", REFUSED, share),
             ("Benign questions answered rightly at the end, %", BENIGN, share), ("Drift of attention outputs on the alignment data, relative L2: mean ± standard deviation", DRIFT, number),
             ("Cost of an alignment step, sft = 1", "cost of an alignment step", number), ("Cost of a fine-tuning step, sft = 1", "cost of a fine-tuning step", number)]
    filled = "\n\n".join(f"**{title}**\n\n{table(finals, metric, ratios, form)}" for title, metric, form in parts)
    report = HERE / "report.md"
    begin, end = "<!-- tables begin: made by report.py -->", "<!-- tables end -->"
    text = report.read_text()
    report.write_text(text[: text.index(begin) + len(begin)] + "\n\n" + filled + "\n\n" + text[text.index(end):])
    for name in ("summary.csv", "results.csv"):
        shutil.copy(pathlib.Path(sys.argv[1]) / name, HERE / name)


if __name__ == "__main__":
    main()
