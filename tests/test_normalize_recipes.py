"""Site recipes: data that goes before the general rules, and steps aside when it no longer fits."""

from __future__ import annotations

import json
import re
import shlex
import textwrap
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.cli_support import SECOND, refused, run_here
from tests.site import URL as SITE_URL
from tests.site import capture, hour, page
from tracker.config import load, read_recipe
from tracker.errors import ConfigError
from tracker.model import BlockKind, Document, EditOp, Outcome
from tracker.normalize import read
from tracker.normalize.recipes import KEYS, Recipe, packaged, parse_recipe, recipe_for, schema
from tracker.normalize.recipes.trial import try_out
from tracker.pipeline import Terms, keep, report
from tracker.store import Kind, open_store
from tracker.text.codec import write_article

PAGES = Path(__file__).parent / "pages" / "normalize"
PAGE = (PAGES / "plainpress.html").read_text(encoding="utf-8")
URL = "https://www.plainpress.example/2024/orchard"
SAID = "recipe mine.toml for plainpress.example"


def own(text: str) -> Recipe:
    return parse_recipe('hosts = ["plainpress.example"]\n' + text, "mine.toml")


def page_of(recipe: Recipe) -> str:
    return (PAGES / recipe.page).read_text(encoding="utf-8")


def blocks_wrong(document: Document, wanted: str) -> int:
    """How many blocks of article.md are missing, and how many are there that should not be."""
    said, right = (Counter(text.strip().split("\n\n")) for text in (write_article(document), wanted))
    return sum(((said - right) + (right - said)).values())


# --- the recipes that come with tracker -----------------------------------------------------------------------


@pytest.mark.parametrize("recipe", packaged(), ids=lambda recipe: recipe.name)
def test_every_packaged_recipe_reads_its_own_page_as_a_person_would(recipe) -> None:
    """The expected reading stands beside the page, as article.md. Where the general rules read it as well, the recipe
    teaches nothing."""
    wanted = (PAGES / recipe.page).with_suffix(".md").read_text(encoding="utf-8")
    url = f"https://{recipe.hosts[0]}/a"
    reading = read(page_of(recipe), url, recipe=recipe)
    assert write_article(reading.document) == wanted
    assert (reading.lens.recipe, reading.blocked, reading.warnings) == (recipe.digest, None, ())
    assert blocks_wrong(read(page_of(recipe), url).document, wanted) > 0


@pytest.mark.parametrize("recipe", packaged(), ids=lambda recipe: recipe.name)
def test_every_selector_of_a_packaged_recipe_finds_something(recipe) -> None:
    tried = try_out(page_of(recipe).encode(), f"https://{recipe.hosts[0]}/a", recipe)
    assert [match.selector for match in tried.matches if not match.texts] == []


def test_the_packaged_recipes_serve_nobodys_site() -> None:
    assert len(packaged()) >= 10
    assert all(host.endswith(".example") for recipe in packaged() for host in recipe.hosts)


# --- what a recipe does ---------------------------------------------------------------------------------------


def test_a_recipe_takes_and_drops_what_it_names() -> None:
    reading = read(PAGE, URL, recipe=recipe_for(URL))
    assert [(block.kind, block.text[:25]) for block in reading.document.blocks] == [
        (BlockKind.HEADLINE, "Glasshouse fire leaves or"),
        (BlockKind.DEK, "A spark from a heater is "),
        (BlockKind.BYLINE, "Words: Ida Brandt"),
        (BlockKind.PARAGRAPH, "A fire in a glasshouse ha"),
        (BlockKind.PARAGRAPH, "The fire brigade thinks t"),
        (BlockKind.NOTICE, "The orchard was founded i"),
    ]
    assert [(each.reason, each.block.text[:14]) for each in reading.suppressed] == [("recipe", "Send a tree to")]


def test_dates_are_read_from_attributes_and_from_words() -> None:
    words = '<i id="p">Först publicerad 5 mars 2024, 14:30</i>'
    machine = '<time datetime="2024-03-06T08:00+01:00">i går</time>'
    page = PAGE.replace('<div class="x5">', f'{words}{machine}<div class="x5">')
    reading = read(page, URL, recipe=own('container = "div.x5"\npublished = "#p"\nmodified = "time"'))
    assert reading.document.content.get("published/recipe") == "2024-03-05T14:30:00"
    assert reading.document.published == "2024-03-05T14:30:00"
    assert reading.modified == "2024-03-06T07:00:00+00:00"


def test_a_date_of_the_recipe_goes_before_all_others() -> None:
    head = "<head><meta property='article:published_time' content='2024-03-01T00:00:00Z'>"
    page = PAGE.replace("<head>", head).replace('<div class="x5">', '<i id="p">5 March 2024</i><div class="x5">')
    reading = read(page, URL, recipe=own('container = "div.x5"\npublished = "#p"'))
    assert reading.document.published == "2024-03-05"
    assert reading.document.content.get("published/meta") == "2024-03-01T00:00:00+00:00"


PIECES = """<body><h1>Ferry sails again after the storm</h1>
<div class="a"><p>The ferry sailed on Tuesday, for the first time since the storm, its owner said.</p></div>Loose words.
<div class="ad"><p>Buy a boat of your own and never again wait for anybody: our spring sale has begun.</p></div>
<div class="a"><div class="a"><p>Forty people waited at the pier. “At last,” said one.</p></div></div></body>"""


def test_several_containers_are_read_in_order_and_what_is_between_them_is_not() -> None:
    reading = read(PIECES, URL, recipe=own('container = ["div.a"]'))
    assert [block.text[:9] for block in reading.document.blocks] == ["Ferry sai", "The ferry", "Forty peo"]


def test_one_container_is_the_first_that_matches() -> None:
    reading = read(PIECES, URL, recipe=own('container = "div.a"'))
    assert [block.text[:9] for block in reading.document.blocks] == ["Ferry sai", "The ferry"]


def test_a_selector_that_names_what_no_reader_sees_does_no_harm() -> None:
    reading = read(PAGE, URL, recipe=own('container = "div.x5"\ndrop = ["title", "head"]\nnotices = ["html > head"]'))
    assert len(list(reading.document.texts(BlockKind.PARAGRAPH))) >= 2


def test_a_recipe_on_a_page_that_nests_deeply() -> None:
    deep = "<div>" * 1_500 + PAGE + "</div>" * 1_500
    assert read(deep, URL, recipe=own('container = "div.x5"')).blocked is None


# --- recipes that no longer fit -------------------------------------------------------------------------------


def test_a_recipe_that_matches_nothing_falls_back_loudly_and_the_lens_says_so() -> None:
    reading = read(PAGE, URL, recipe=own('container = "div.gone"'))
    general = read(PAGE, URL)
    assert reading.document == general.document
    assert reading.lens == general.lens
    assert reading.lens.recipe == "-"
    assert reading.warnings == (
        f"{SAID} matched nothing: its container `div.gone` is not on the page; read by the general rules",
    )


STORY = "<p>One more line of a story that is long enough to be believed, with a verb and an end.</p>" * 20


def test_a_recipe_that_finds_next_to_nothing_falls_back_loudly() -> None:
    page = f"<h1>A new template</h1><div class='story'><p>Share it with friends.</p></div><main>{STORY}</main>"
    reading = read(page, URL, recipe=own('container = "div.story"'))
    assert reading.document == read(page, URL).document
    why = "found next to nothing: its container `div.story` holds hardly any text of the page"
    assert reading.warnings == (f"{SAID} {why}; read by the general rules",)


def test_a_short_first_version_is_no_rot() -> None:
    """Two sentences are all there is, and the rest of the page says little more."""
    story = "<div class='story'><p>A fire has broken out at the pier, police say.</p></div>"
    page = f"<h1>Fire at the pier</h1>{story}<div><p>More soon.</p></div>"
    reading = read(page, URL, recipe=own('container = "div.story"'))
    assert (reading.lens.recipe != "-", reading.warnings) == (True, ())


def test_a_headline_or_a_date_that_is_gone_is_reported_and_the_rest_still_used() -> None:
    recipe = own('container = "div.x5"\nheadline = "b.gone"\npublished = "b.when"\ndek = "b.dek"\nbyline = "b.by"')
    reading = read(PAGE, URL, recipe=recipe)
    assert reading.lens.recipe == recipe.digest
    assert reading.warnings == (
        f"{SAID}: its headline `b.gone` is not on the page; the general rules chose the headline",
        f"{SAID}: its published `b.when` states no time on the page; the general rules looked for one",
    )


def test_notices_that_are_gone_are_reported_only_where_there_is_a_notice() -> None:
    recipe = own('container = "div.x5"\nnotices = [".fix"]')
    noted = PAGE.replace("The orchard was", "Correction: The orchard was")
    assert read(PAGE, URL, recipe=recipe).warnings == ()
    assert read(noted, URL, recipe=recipe).warnings == (
        f"{SAID}: none of its notices `.fix` is on the page, but the general rules found a notice",
    )


# --- which recipe ---------------------------------------------------------------------------------------------


def test_the_users_recipe_goes_before_the_packaged_one() -> None:
    mine = own('container = "body"')
    assert recipe_for(URL, (mine,)) is mine
    assert recipe_for(URL) is not None
    assert recipe_for("https://notplainpress.example/a") is None


def test_the_closest_host_wins_whatever_the_order() -> None:
    site = parse_recipe('hosts = ["a.example"]\ncontainer = "p"', "1")
    part = parse_recipe('hosts = ["sport.a.example"]\ncontainer = "p"', "2")
    for row in ((site, part), (part, site)):
        assert recipe_for("https://sport.a.example/x", row) is part
        assert recipe_for("https://www.a.example/x", row) is site


def test_the_digest_names_what_shapes_the_text() -> None:
    one = parse_recipe('hosts = ["a.example"]\ncontainer = "div"\n')
    other_host = parse_recipe('hosts = ["b.example"]\ncontainer = "div"\npage = "x.html"\n', "another name")
    others = [
        parse_recipe(f'hosts = ["a.example"]\n{rest}\n').digest
        for rest in ('container = "div"\ndrop = ["p.x"]', 'container = ["div"]', 'container = "div"\ndek = "p.x"')
    ]
    assert one.digest == other_host.digest
    assert len({one.digest, *others}) == 4


# --- recipes as files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hosts = [", "mine.toml: not TOML: "),
        ('hosts = ["a.example"]', 'mine.toml: container is missing; write container = "div.story"'),
        ('container = "div"', 'mine.toml: hosts is missing; write hosts = ["news.example"]'),
        (
            'hosts = ["a.example"]\ncontainer = "div"\ncontainr = "p"',
            f"mine.toml: no such key 'containr' in a recipe; there are {', '.join(KEYS)}",
        ),
        (
            'hosts = "a.example"\ncontainer = "div"',
            'mine.toml: hosts must be a list of texts, as in hosts = ["..."], and not empty',
        ),
        (
            'hosts = ["a.example"]\ncontainer = 3',
            "mine.toml: container must be a text, or a list of texts, and not empty",
        ),
        (
            'hosts = ["a.example"]\ncontainer = "div"\nheadline = ["h1"]',
            "mine.toml: headline must be one text in quotation marks, and not empty",
        ),
        (
            'hosts = ["https://www.a.example/"]\ncontainer = "div"',
            "mine.toml: hosts: 'https://www.a.example/' is no bare host name; write 'a.example'",
        ),
        ('hosts = ["www.a.example"]\ncontainer = "div"', "write 'a.example'"),
        ('hosts = ["a.example"]\ncontainer = "div["', "mine.toml: container: 'div[' is no CSS selector: "),
        ('hosts = ["a.example"]\ncontainer = "div"\ndrop = ["p::before"]', "mine.toml: drop: 'p::before' is no CSS"),
    ],
)
def test_a_wrong_recipe_is_one_clear_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_recipe(text, "mine.toml")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


TEXTS = st.sampled_from(["div.story", "p", "a.example", "", " ", "www.a.example", "https://a.example", "b.a.example"])
VALUES = st.one_of(TEXTS, st.lists(TEXTS, max_size=3), st.sampled_from([1, True, [1], 2.5, {}]))
RECIPES = st.dictionaries(st.sampled_from([*KEYS, "hsots"]), VALUES, max_size=6)
GOOD = {"hosts": ["a.example"], "container": "p"}


@given(st.one_of(RECIPES, st.builds(lambda some: GOOD | some, RECIPES)))
@example(GOOD | {"container": ["p", "div.story"], "notices": ["p"], "dek": "p"})
@example({"hosts": ["m.example"], "container": "p"})
@example({"hosts": ["m.a.example"], "container": "p"})
@example({"hosts": ["example"], "container": "p"})
def test_the_schema_and_the_program_want_the_same(data) -> None:
    """Selectors aside: they are no matter of the schema, so all texts here are good ones."""
    data = {key: _selectors(value) if key not in ("hosts", "page") else value for key, value in data.items()}
    try:
        parse_recipe("\n".join(f"{key} = {_toml(value)}" for key, value in data.items()))
        good = True
    except ConfigError:
        good = False
    assert jsonschema.Draft202012Validator(schema()).is_valid(data) is good


def _selectors(value: Any) -> Any:
    if isinstance(value, list):
        return [_selectors(each) for each in value]
    return "p" if isinstance(value, str) and "://" in value else value


def _toml(value: Any) -> str:
    return "{}" if value == {} else json.dumps(value)


def test_the_schema_is_one_and_knows_the_same_keys() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert list(schema()["properties"]) == list(KEYS)
    assert all(word.get("description") for word in schema()["properties"].values())


def test_the_folder_of_recipes_is_named_in_tracker_toml(tmp_path) -> None:
    (tmp_path / "tracker.toml").write_text('recipes = "sites"\n')
    with pytest.raises(ConfigError, match=r"no such folder; make it, or take `recipes` out of tracker\.toml"):
        load(tmp_path, {})
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "plain.toml").write_text('hosts = ["plainpress.example"]\ncontainer = "body"\n')
    config = load(tmp_path, {})
    assert config.recipe_folder == tmp_path / "sites"
    assert recipe_for(URL, config.recipes) is config.recipes[0]
    (tmp_path / "sites" / "broken.toml").write_text('hosts = ["x.example"]\n')
    with pytest.raises(ConfigError, match=r"sites/broken\.toml: container is missing"):
        load(tmp_path, {})


@pytest.mark.parametrize(("content", "message"), [(b"\xff", "not UTF-8 at byte 0"), (None, "name a recipe that can")])
def test_a_recipe_that_cannot_be_read(tmp_path, content, message) -> None:
    file = tmp_path / "r.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        read_recipe(file)


# --- on the command line --------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.html").write_text(PAGE)
    (tmp_path / "mine.toml").write_text(
        'hosts = ["plainpress.example"]\ncontainer = "div.x5"\ndrop = [".x7"]\nheadline = "b.gone"\n'
    )
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_trying_a_recipe_shows_what_it_takes_and_drops_and_what_is_missing(capsys) -> None:
    done = run_here(capsys, "recipe", "try", "page.html", "--recipe", "mine.toml", "--url", URL)
    assert (done.returncode, done.stderr) == (0, "")
    for words in (
        "div.x5  1 element, ",
        "headline  b.gone  MATCHES NOTHING on this page",
        "Send a tree to a friend",
        "its headline `b.gone` is not on the page",
        "only with the general rules",
    ):
        assert words in re.sub(r"\n +", " ", done.stdout), done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.usefixtures("folder")
def test_trying_a_recipe_for_programs(capsys) -> None:
    done = run_here(capsys, "recipe", "try", "page.html", "--recipe", "mine.toml", "--url", URL, "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["key"], row.get("selector"), row.get("count")) for row in rows] == [
        ("container", "div.x5", 1),
        ("drop", ".x7", 1),
        ("headline", "b.gone", 0),
        ("reading", None, None),
    ]
    assert rows[-1]["used"] is True
    assert {block["text"][:11] for block in rows[-1]["only_general"]} >= {"Send a tree"}
    assert len(rows[-1]["warnings"]) == 1


def test_trying_says_where_to_put_a_recipe(folder, capsys) -> None:
    other = ("recipe", "try", "page.html", "--url", "https://x.example/a")
    refused(run_here(capsys, *other), 8, "no recipe serves x.example", "tracker.toml")
    (folder / "tracker.toml").write_text('recipes = "sites"\n')
    (folder / "sites").mkdir()
    refused(run_here(capsys, *other), 8, f"put one in {folder / 'sites'}")
    refused(run_here(capsys, "recipe", "try", "page.html"), 8, "--url")


def test_trying_a_broken_recipe_ends_with_4(folder, capsys) -> None:
    (folder / "mine.toml").write_text('hosts = ["plainpress.example"]\ncontainer = "div["\n')
    refused(run_here(capsys, "recipe", "try", "page.html", "--recipe", "mine.toml"), 4, "mine.toml: container: 'div['")


@pytest.mark.parametrize(
    "arguments",
    [("text", "page.html"), ("notices", "page.html"), ("slips", "page.html"), ("compare", "page.html", "other.html"),
     ("snap", "page.html", "other.html")],
    ids=lambda arguments: arguments[0],
)  # fmt: skip
def test_every_command_that_reads_a_page_says_once_that_a_recipe_no_longer_fits(folder, capsys, arguments) -> None:
    """The page names its own address, so the recipe of its host serves it as a file too."""
    (folder / "mine.toml").write_text('hosts = ["plainpress.example"]\ncontainer = "div.gone"\n')
    (folder / "tracker.toml").write_text('recipes = "sites"\n')
    (folder / "sites").mkdir()
    (folder / "mine.toml").rename(folder / "sites" / "mine.toml")
    for name in ("page.html", "other.html"):
        (folder / name).write_text(PAGE.replace("<head>", f"<head><link rel=canonical href='{URL}/{name}'>"))
    done = run_here(capsys, *arguments)
    said = f"tracker: recipe {folder / 'sites' / 'mine.toml'} for plainpress.example matched nothing: "
    assert [line for line in done.stderr.splitlines() if line.startswith(said)] == done.stderr.splitlines()
    assert len(done.stderr.splitlines()) == 1
    assert done.returncode == 0


# --- docs/recipes.md ------------------------------------------------------------------------------------------


GUIDE = (Path(__file__).parents[1] / "docs" / "recipes.md").read_text(encoding="utf-8")


def shown(language: str, number: int = 0) -> str:
    """One of the guide's examples, without the indent of its list."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", GUIDE, re.DOTALL | re.MULTILINE)[number]
    return textwrap.dedent(found[1])


def test_the_guides_example_works_as_it_is_written(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recipes").mkdir()
    (tmp_path / "page.html").write_text(shown("html"))
    (tmp_path / "tracker.toml").write_text(shown("toml", 0))
    (tmp_path / "recipes" / "harbour.toml").write_text(shown("toml", 1))
    command = shlex.split(shown("console").strip())[1:]
    done = run_here(capsys, *command)
    assert (done.returncode, done.stderr) == (0, "")
    assert "MATCHES NOTHING" not in done.stdout
    recipe = load(tmp_path, {}).recipes[0]
    document = read(shown("html"), command[-1], recipe=recipe).document
    assert write_article(document) == shown("text", 0)
    assert document.published == "2024-03-05T14:30:00"
    assert blocks_wrong(read(shown("html"), command[-1]).document, shown("text", 0)) > 0


def test_the_guides_warning_is_the_one_that_is_given() -> None:
    recipe = parse_recipe(shown("toml", 1), "recipes/harbour.toml")
    page = shown("html").replace("c4", "c5")
    (warning,) = read(page, "https://harbour-news.example/ferry", recipe=recipe).warnings
    assert shown("text", 1) == f"tracker: {warning}\n"


def test_the_guide_names_every_key_and_every_recipe() -> None:
    named = set(re.findall(r"`([\w.-]+)`", "\n".join(re.findall(r"^\| (.*?) \|", GUIDE, re.MULTILINE))))
    assert named == {*KEYS, *(recipe.name for recipe in packaged())}


# --- a new recipe is no edit ----------------------------------------------------------------------------------


HARBOUR = 'hosts = ["daily.example"]\ncontainer = "article"\ndrop = ["article p:nth-of-type(2)"]'


def test_a_new_recipe_never_looks_like_an_edit(tmp_path) -> None:
    """The last page is read again with it first, in a commit of its own; then only the outlet's edit is left."""
    recipe = parse_recipe(
        'hosts = ["daily.example"]\ncontainer = "article"\ndrop = ["article p:nth-of-type(2)"]', "new"
    )
    with open_store(tmp_path / "store", create=True) as store:
        keep(store, capture(hour(1), page()))
        keep(store, capture(hour(2), page(SECOND)), Terms((recipe,)))
        history = store.history(store.find(SITE_URL))
        assert [entry.kind for entry in history.entries] == [Kind.SNAPSHOT, Kind.REREAD, Kind.SNAPSHOT]
        before, after = history.snapshots
        made = report(store, history, before, after, (recipe,))
    assert made.after.lens is not None
    assert made.after.lens.recipe == recipe.digest
    assert [edit.text for change in made.diff.changes for edit in change.edits if edit.op is not EditOp.EQUAL] == [
        "12",
        "21",
    ]


def new_template(body: bytes) -> bytes:
    return body.replace(b"<article", b"<section").replace(b"</article", b"</section")


@pytest.mark.parametrize("back", [False, True], ids=["the template changes", "and changes back"])
def test_a_recipe_that_stops_fitting_never_looks_like_an_edit(tmp_path, back) -> None:
    """Neither in a report nor in plain git: it reads neither page, though it fits one of them."""
    recipe = parse_recipe(HARBOUR, "old")
    first, second = page(), new_template(page(SECOND))
    if back:
        first, second = new_template(first), page(SECOND)
    with open_store(tmp_path / "store", create=True) as store:
        checks = [keep(store, capture(hour(n), body), Terms((recipe,))) for n, body in ((1, first), (2, second))]
        history = store.history(store.find(SITE_URL))
        before, after = history.snapshots
        made = report(store, history, before, after, (recipe,))
        again = keep(store, capture(hour(3), second + b" "), Terms((recipe,)))
    assert [len(check.warnings) for check in checks] == ([1, 0] if back else [0, 1])
    assert made.before.lens == made.after.lens
    assert len(made.diff.changes) == 1
    kinds = [entry.kind for entry in history.entries]
    assert kinds == [Kind.SNAPSHOT, *([] if back else [Kind.REREAD]), Kind.SNAPSHOT]
    assert again.outcome is Outcome.UNCHANGED


def test_two_files_of_which_a_recipe_fits_one(folder, capsys) -> None:
    """They are compared by the general rules: what the recipe drops is no addition."""
    (folder / "tracker.toml").write_text('recipes = "sites"\n')
    (folder / "sites").mkdir()
    (folder / "mine.toml").rename(folder / "sites" / "mine.toml")
    (folder / "other.html").write_text(PAGE.replace('class="x5"', 'class="z5"'))
    done = run_here(capsys, "compare", "page.html", "other.html", "--url", URL)
    assert "Nothing was changed" in done.stdout
    assert "matched nothing" in done.stderr
