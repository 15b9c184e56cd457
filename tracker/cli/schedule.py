"""`tracker schedule`: why articles are looked at when they are, and how the rule compares with others."""

from __future__ import annotations

from pathlib import Path

import click

from tracker.cli.common import configured, json_option, now, opened, store_option, zone_option
from tracker.cli.output import say, say_json, terminal


@click.group("schedule")
def schedule_command() -> None:
    """Why an article is due when it is, and how the rule compares.

    \b
    Examples:
      tracker schedule explain news.example/story
      tracker schedule simulate --articles 100
    """


@schedule_command.command("explain")
@click.argument("article")
@store_option
@zone_option
def schedule_explain(article: str, store_path: Path | None, tz: str | None) -> None:
    """Say why ARTICLE, or a feed, is due when it is.

    \b
    Examples:
      tracker schedule explain news.example/story
    """
    from tracker.cli.watching import watching
    from tracker.render.options import Options
    from tracker.render.watching import explanation
    from tracker.watch.adding import on_list
    from tracker.watch.explain import explain

    config, store = configured(store_path), opened(store_path)
    frontier = watching(store, config).frontier
    reason = explain(on_list(frontier, store, article), frontier, config, now().timestamp())
    say(explanation(reason, Options(tz=tz, **terminal())))


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
