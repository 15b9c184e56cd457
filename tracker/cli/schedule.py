"""`tracker schedule`: why articles are looked at when they are, and how the rule compares with others."""

from __future__ import annotations

import click

from tracker.cli.common import json_option
from tracker.cli.output import say, say_json, terminal


@click.group("schedule")
def schedule_command() -> None:
    """Why an article is due when it is, and how the rule compares.

    \b
    Examples:
      tracker schedule simulate --articles 100
    """


@schedule_command.command("simulate")
@click.option(
    "--articles",
    type=click.IntRange(20, 20_000),
    default=500,
    metavar="N",
    show_default=True,
    help="Articles drawn for each of three seeds.",
)
@click.option("--looks", type=click.IntRange(5, 2000), metavar="N", help="At this many looks an article alone.")
@json_option
def schedule_simulate(articles: int, looks: int | None, as_json: bool) -> None:
    """Rerun the comparison of rules for when to look.

    Edits of articles are drawn over 14 days: many when an article is new, few later, and some articles far more than
    others. Every rule has about the same number of looks. Shown are the delay until an edit is seen, in hours (mean,
    median, 95th percentile), and how many edits were seen as a version of their own. Seeds are fixed. Takes about a
    minute; docs/scheduling.md has the table.

    \b
    Examples:
      tracker schedule simulate
      tracker schedule simulate --looks 60 --articles 100 --json
    """
    from tracker.render.options import Options
    from tracker.render.watching import scores
    from tracker.watch.simulate import BELIEVED, BUDGETS, OTHERWISE, WILD_BUDGET, compare

    trials = [(f"{budget} looks an article", budget, BELIEVED) for budget in ((looks,) if looks else BUDGETS)]
    if looks is None:
        trials.append((f"{WILD_BUDGET} looks, in a world other than the rule believes", WILD_BUDGET, OTHERWISE))
    for title, budget, world in trials:
        rows = list(compare(budget, world, articles=articles))
        if not as_json:
            say(scores(title, rows, Options(**terminal())))
            continue
        for row in rows:
            figures = {"looks": row.looks, "mean_hours": row.mean, "median_hours": row.median, "late_hours": row.late}
            say_json({"trial": title, "rule": row.rule} | figures | {"seen": row.seen})
