"""`tracker text`, `notices` and `slips`: what one page alone shows."""

from __future__ import annotations

import click

from tracker.cli.common import asking_options, iso, json_option
from tracker.cli.compare import page
from tracker.cli.output import say, say_json, terminal

SOURCE = click.argument("source")


@click.command("text")
@SOURCE
@click.option("--all", "everything", is_flag=True, help="Also what was left out, with the reason.")
@asking_options
@json_option
def text_command(source: str, everything: bool, as_json: bool, **asked: bool) -> None:
    """Print the text of SOURCE as tracker reads it, block by block.

    SOURCE is a URL, an HTML file, or - for standard input.

    \b
    Examples:
      tracker text page.html --all
      tracker text https://news.example/story --json
    """
    from tracker.render.options import Options
    from tracker.render.page import text as show

    reading = page(source, None, **asked)
    left_out = reading.suppressed if everything else ()
    if not as_json:
        say(show(reading.document, Options(**terminal()), suppressed=left_out))
        return
    for block in reading.document.blocks:
        links = [{"start": link.start, "end": link.end, "href": link.href} for link in block.links]
        placement = block.placement.value if block.placement else None
        found = {"kind": block.kind.value, "text": block.text, "links": links}
        say_json(found | {"time": iso(block.time), "placement": placement, "left_out": None})
    for one in left_out:
        found = {"kind": one.block.kind.value, "text": one.block.text, "links": []}
        say_json(found | {"time": None, "placement": None, "left_out": one.reason})


@click.command("notices")
@SOURCE
@asking_options
@json_option
def notices_command(source: str, as_json: bool, **asked: bool) -> None:
    """List the outlet's notes on one page, and what each speaks of.

    SOURCE is a URL, an HTML file, or - for standard input. From one page alone this is a guess, with its reasons;
    with two captures of the page, `tracker compare` knows.

    \b
    Example:
      tracker notices page.html
    """
    from tracker.annotate import notices_on_page
    from tracker.render.json import notice_object
    from tracker.render.options import Options
    from tracker.render.page import notices as show

    document = page(source, None, **asked).document
    readings = notices_on_page(document)
    if not as_json:
        say(show(readings, document, Options(**terminal())))
        return
    for reading in readings:
        passages = [{"block": one.block, "text": one.text, "reasons": list(one.reasons)} for one in reading.passages]
        say_json(notice_object(reading.notice) | {"passages": passages})


@click.command("slips")
@SOURCE
@asking_options
@json_option
def slips_command(source: str, as_json: bool, **asked: bool) -> None:
    """List what an editor would look at twice on one page.

    Doubled words, one name spelled several ways, numbers that disagree. SOURCE is a URL, an HTML file, or - for
    standard input.

    \b
    Example:
      tracker slips page.html
    """
    from tracker.annotate import slips
    from tracker.render.options import Options
    from tracker.render.page import slips as show

    document = page(source, None, **asked).document
    found = slips(document)
    if not as_json:
        say(show(found, document, Options(**terminal())))
        return
    for slip in found:
        where = [{"block": block, "start": start} for block, start in slip.where]
        say_json({"kind": slip.kind.value, "forms": list(slip.forms), "where": where, "remark": slip.remark})
