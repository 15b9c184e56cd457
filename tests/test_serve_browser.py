"""The pages in a real Chromium: by keyboard, with hostile content, as axe-core sees them, at every width."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin

import pytest
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

from tests.http_support import Handler, serving
from tests.http_support import Served as Listener
from tests.serve_support import NOW, Served, axe, chromium, served
from tests.site import PARAGRAPHS, capture, edited, hour, page
from tracker.cli.demo import fill as fill_demo
from tracker.model import Capture, Check, Outcome
from tracker.pipeline import keep, neighbours
from tracker.serve import paths
from tracker.serve.app import Terms
from tracker.store import open_store

WIDTHS = (360, 820, 1440)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = chromium()
    arguments = ["--no-sandbox"]  # the tests may run as root
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=program, args=arguments) as running,
    ):
        yield running


@contextmanager
def opened(browser: Browser, **options: Any) -> Iterator[Page]:
    """A tab with cookies of its own, which waits as long as a busy machine may need."""
    with browser.new_context(**options) as context:
        context.set_default_timeout(120_000)
        yield context.new_page()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("demo") / "store"
    with open_store(folder, create=True) as store:
        fill_demo(store)
    with served(folder) as running:
        yield running


def kinds(running: Served, article: str) -> dict[str, str]:
    """One address of each kind of page."""
    history = running.desk.history(running.desk.store.find(article))
    a, b = neighbours(history)[0]
    diff, snapshot = paths.diff(history.branch, a.revision, b.revision), paths.snapshot(history.branch, b.revision)
    host = history.branch.partition("/")[0]
    return {
        "stream": "",
        "filter": "?label=number-changed&weight=none",
        "diff": diff,
        "side": f"{diff}?view=side",
        "whole": f"{diff}?text=whole&all=1",
        "article": paths.article(history.branch),
        "snapshot": snapshot,
        "blame": f"{snapshot}?text=whole",
        "captured": f"{snapshot}page/",
        "source": f"{snapshot}source/",
        "articles": paths.ARTICLES,
        "hosts": paths.HOSTS,
        "host": paths.host(host),
        "search": f"{paths.SEARCH}?q=fire",
        "health": paths.HEALTH,
        "missing": "nowhere/",
    }


# --- by keyboard alone --------------------------------------------------------------------------------------


def here(tab: Page) -> str:
    """What the change says that the keyboard stands on."""
    return tab.locator(".here").inner_text()


def test_the_demonstration_is_reviewed_by_keyboard_alone(browser: Browser, demo: Served) -> None:
    with opened(browser, reduced_motion="reduce") as tab:
        tab.goto(demo.base)
        changes = tab.locator("[data-change]").count()
        for _ in range(changes):
            tab.keyboard.press("u")
            tab.keyboard.press("x")
        assert tab.locator(".was-seen").count() == changes > 15
        tab.keyboard.press("u")
        assert "no further change" in tab.locator("#told").inner_text()
        tab.goto("about:blank")  # a page that is only loaded again is scrolled to where it was, at some moment
        tab.goto(demo.base)
        assert tab.locator(".was-seen").count() == changes
        tab.keyboard.press("j")
        said = here(tab)
        tab.keyboard.press("j")
        assert here(tab) != said
        tab.keyboard.press("k")
        assert here(tab) == said
        tab.keyboard.press("x")
        assert tab.locator(".was-seen").count() == changes - 1
        tab.keyboard.press("o")
        tab.wait_for_url("**/diff/**")
        assert tab.locator(".note.here").count() == 1
        assert tab.evaluate("document.activeElement.classList.contains('note')")
        tab.keyboard.press("s")
        tab.wait_for_url("**view=side**")
        assert tab.locator(".pair").count() > 0
        earlier = tab.locator("[data-edit-previous]").evaluate("link => link.href")
        tab.keyboard.press("p")
        tab.wait_for_url(earlier)
        tab.keyboard.press("b")
        tab.wait_for_selector("svg.life")


def test_a_change_is_reviewed_by_a_key_and_in_words(browser: Browser, tmp_path: Path) -> None:
    with open_store(tmp_path / "store", create=True) as store:
        fill_demo(store)
    with served(tmp_path / "store", Terms(reviewer="ada")) as running, opened(browser) as tab:
        tab.goto(running.base)
        left = tab.get_by_text("To review (").inner_text()
        tab.keyboard.press("j")
        with tab.expect_response("**/review"):
            tab.keyboard.press("i")
        tab.locator(".here .seen-mark").wait_for()
        assert "✓ important" in here(tab)
        tab.reload()
        assert tab.get_by_text("To review (").inner_text() != left
        tab.keyboard.press("j")
        tab.keyboard.press("o")
        tab.wait_for_url("**/diff/**")
        tab.keyboard.press("r")
        form = tab.locator("details[open] form")
        form.get_by_label("I take it for").select_option("update")
        form.get_by_label("Note").fill("As the note says.")
        form.get_by_role("button").click()
        tab.wait_for_url("**#review-*")
        assert "ada: important; an update" in tab.locator(".reviewed:target").inner_text()
        (review,) = running.desk.store.reviews.all()
        assert (review.reviewer, review.ruling, review.note) == ("ada", "update", "As the note says.")


def test_help_opens_and_closes_and_keys_can_be_turned_off(browser: Browser, demo: Served) -> None:
    with opened(browser) as tab:
        tab.goto(demo.base)
        tab.keyboard.press("?")
        assert tab.locator("dialog[open]").get_by_text("next change, previous change").is_visible()
        tab.locator("#keys-off").check()
        tab.keyboard.press("Escape")
        tab.locator("dialog[open]").wait_for(state="detached")
        tab.keyboard.press("j")
        assert tab.locator(".here").count() == 0
        tab.keyboard.press("?")
        tab.locator("#keys-off").uncheck()
        tab.keyboard.press("Escape")
        tab.locator("dialog[open]").wait_for(state="detached")
        tab.keyboard.press("/")
        tab.keyboard.type("jk?")
        assert tab.locator("#find").input_value() == "jk?"
        tab.keyboard.press("Enter")
        tab.wait_for_url("**/search/?q=jk*")


def test_a_notice_lights_up_with_its_changes(browser: Browser, demo: Served) -> None:
    with opened(browser) as tab:
        tab.goto(f"{demo.base}{kinds(demo, 'us-training')['diff']}")
        tab.locator(".note").first.hover()
        assert tab.locator(".lit").count() == 3
        tab.locator("h1").hover()
        assert tab.locator(".lit").count() == 0
        tab.locator(".note a[href='#notice-A']").nth(1).focus()
        assert tab.locator("#notice-A.lit").count() == 1


def test_pages_do_without_scripts(browser: Browser, demo: Served) -> None:
    with opened(browser, java_script_enabled=False) as tab:
        tab.goto(demo.base)
        tab.get_by_role("link", name="Not mentioned").click()
        tab.wait_for_url("**/?state=silent")
        tab.locator("summary", has_text="Filter").click()
        tab.get_by_label("Label").select_option("number-changed")
        tab.get_by_role("button", name="Show").click()
        tab.wait_for_url("**/?label=number-changed&**")
        tab.locator(".say a").first.click()
        tab.wait_for_url("**/diff/**")
        tab.get_by_role("link", name="Side by side").click()
        tab.wait_for_url("**/?view=side")
        tab.get_by_role("link", name="the life of this article").click()
        tab.get_by_label("Snapshot", exact=True).select_option(index=0)
        tab.get_by_role("button", name="Compare").click()
        tab.wait_for_url("**/diff/**")
        tab.get_by_label("Time zone").fill("Asia/Tokyo")
        tab.get_by_role("button", name="Set").click()
        tab.locator("footer", has_text="Asia/Tokyo").wait_for()
        assert tab.locator(".js-only:visible").count() == 0


# --- hostile content ----------------------------------------------------------------------------------------


def hostile(to: str) -> str:
    """The body of a page that would tell `to` of whoever looks at it, in every way that we know."""
    return f"""
<link rel="stylesheet" href="{to}/css"><link rel="preload" as="image" href="{to}/early"><link rel="icon" href="{to}/i">
<link rel="prefetch" href="{to}/prefetch"><link rel="preconnect" href="{to}"><link rel="manifest" href="{to}/manifest">
<meta http-equiv="refresh" content="0;url={to}/refresh"><base href="{to}/base/">
<style>@import "{to}/import"; body {{ background: url({to}/background) }}</style>
<style>@font-face {{ font-family: x; src: url({to}/font) }} p {{ font-family: x }}</style>
<script>fetch("{to}/fetch"); new Image().src = "{to}/image"; location = "{to}/location"</script>
<script src="{to}/script"></script>
<script type="speculationrules">{{"prefetch": [{{"source": "list", "urls": ["{to}/rules"]}}]}}</script>
<img src="{to}/img" srcset="{to}/srcset 2x" onerror="fetch('{to}/onerror')"><img src=x onerror="fetch('{to}/again')">
<picture><source srcset="{to}/source"><img alt="x"></picture>
<video src="{to}/video" poster="{to}/poster" autoplay></video><audio src="{to}/audio" autoplay></audio>
<object data="{to}/object"></object><embed src="{to}/embed"><iframe src="{to}/frame"></iframe>
<iframe srcdoc="<img src='{to}/srcdoc'>"></iframe>
<svg onload="fetch('{to}/svg')"><image href="{to}/svg-image"/><use href="{to}/use#x"/></svg>
<form id="f" action="{to}/form"><input autofocus onfocus="f.submit()"></form><input type="image" src="{to}/input">
<a id="out" href="{to}/link" ping="{to}/ping">out</a><table background="{to}/table"><tr><td>x</td></tr></table>
<details open ontoggle="fetch('{to}/toggle')">x</details><p style="background: url({to}/style)">x</p>"""


def wicked(to: str) -> str:
    """Words that would be a script, a frame or a style if they were not made harmless."""
    return (
        f"\"'><script>fetch('{to}/xss')</script><img src={to}/xss-img onerror=alert(1)>"
        f"<style>@import '{to}/xss-css'</style>"
        f"{{{{ 7*7 }}}}{{% raw %}}[link={to}/rich]\x1b]8;;{to}/osc\x07\x1b[31m\x9b31m\u202ejavascript:fetch('{to}/js')"
    )


@pytest.fixture
def attacked(tmp_path: Path) -> Iterator[tuple[Served, Listener]]:
    """A store with hostile pages and words in it, and the server to which they would report."""
    with serving({}) as listener:
        to = listener.url()[:-1]
        words = wicked(to)
        body = page(edited(0, "killed 12 people", f"killed 12 {escape(words)} people")[:4], headline=f"Fire {words}")
        after = page(
            edited(0, "killed 12 people", f"killed 21 {escape(words)} people"),
            headline=f"Fire {words} now",
            note=f"Correction: An earlier version misstated the number of people killed {words}. It is 21, not 12.",
        )
        address = f'https://daily.example/2026/"><script>fetch("{to}/url")</script>'
        with open_store(tmp_path / "store", create=True) as store:
            for number, each in enumerate((body, after), 1):
                full = each.replace(b"<body>", b"<body>" + hostile(to).encode())
                keep(store, Capture(address, address, hour(number), 200, (("content-type", "text/html"),), full))
            (row,) = store.articles()
            store.record_check(Check(row.branch, NOW - timedelta(minutes=5), Outcome.FAILED, error=words))
            store.quarantine_page(row.branch, Capture(address, address, NOW, 200, (), hostile(to).encode()), words)
        with served(tmp_path / "store") as running:
            yield running, listener


def _noting(said: list[str]) -> Callable[[Dialog], None]:
    def note(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    return note


def test_the_attack_works_where_nothing_is_done_against_it(browser: Browser, attacked: tuple[Served, Listener]) -> None:
    """Else the test below could not fail."""
    _, listener = attacked
    body = f"<title>naive</title>{hostile(listener.url()[:-1])}".encode()
    with serving({"/": lambda handler: Handler.answer(handler, body)}) as naive, opened(browser) as tab:
        tab.goto(naive.url(), wait_until="commit")
        for _ in range(200):
            tab.wait_for_timeout(100)
            if len({request.path for request in listener.log}) > 5:
                break
        else:
            pytest.fail("nothing was told of who looked at the page")


def test_nothing_leaves_the_browser_because_of_a_capture(browser: Browser, attacked: tuple[Served, Listener]) -> None:
    running, listener = attacked
    (row,) = running.desk.store.articles()
    history = running.desk.history(row.branch)
    with opened(browser) as tab:
        tab.add_init_script("window.alert = () => { document.title = 'alerted' }")
        said: list[str] = []
        tab.on("dialog", _noting(said))
        for name, path in kinds(running, row.branch).items():
            tab.goto(f"{running.base}{path}")
            tab.keyboard.press("j")
            tab.keyboard.press("x")
            tab.wait_for_timeout(100)
            assert (said, tab.title() == "alerted") == ([], False), name
            assert tab.url.startswith(running.base)
        for entry in history.snapshots:
            raw = f"{running.base}raw/{history.branch}/{entry.revision[:12]}/page.html"
            tab.goto(raw)
            assert tab.url.endswith("/page/"), "a captured page is never a page of its own"
            frame = tab.frame_locator("iframe.capture")
            frame.locator("#out").click()
            tab.wait_for_timeout(300)
    assert [request.path for request in listener.log] == []


def test_hostile_words_are_shown_as_words(attacked: tuple[Served, Listener]) -> None:
    running, listener = attacked
    (row,) = running.desk.store.articles()
    for name, path in kinds(running, row.branch).items():
        text = running.get(path).text
        assert f"<script>fetch('{listener.url()[:-1]}" not in text, name
        assert not set("\x1b\x07\x9b\u202e") & set(text), name
    stream = running.get().text
    assert "&lt;script&gt;fetch(" in stream
    assert "{{ 7*7 }}" in stream
    assert "&lt;U+202E&gt;" in stream
    assert "[link=" in stream


# --- for everybody ------------------------------------------------------------------------------------------


def violations(tab: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core has to say against a page; of some rules alone, if they are named."""
    options = {"iframes": False} | ({"runOnly": {"type": "rule", "values": list(rules)}} if rules else {})
    found: Any = tab.evaluate("options => axe.run(document, options)", options)
    return [f"{one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}" for one in found["violations"]]


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "rules"), [("light", ()), ("dark", ("color-contrast",))])
def test_axe_finds_nothing(browser: Browser, demo: Served, scheme: str, rules: tuple[str, ...]) -> None:
    source = axe()
    with opened(browser, color_scheme="dark" if scheme == "dark" else "light", bypass_csp=True) as tab:
        for name, path in kinds(demo, "us-training").items():
            tab.goto(f"{demo.base}{path}")
            tab.evaluate("document.querySelectorAll('.source li:nth-child(n+9)').forEach((line) => line.remove())")
            tab.evaluate(source)
            assert violations(tab, rules) == [], name
            if name == "stream":
                for key in "jx?":
                    tab.keyboard.press(key)
                assert violations(tab, rules) == [], "with a change marked as seen, and the help open"


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_fits_its_width(browser: Browser, demo: Served, width: int) -> None:
    with opened(browser, viewport={"width": width, "height": 800}) as tab:
        for name, path in kinds(demo, "ferry-fire").items():
            tab.goto(f"{demo.base}{path}")
            assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name


def test_targets_are_large_enough_for_a_finger(browser: Browser, demo: Served) -> None:
    """WCAG 2.2: 24 by 24 CSS pixels, links in running text apart."""
    small = """() => [...document.querySelectorAll(
          ".top a, .quick a, .acts a, .pager a, .jump a, button, input:not([type=checkbox]), select, summary")]
        .filter((each) => each.checkVisibility())
        .map((each) => [each.getBoundingClientRect(), each.outerHTML.slice(0, 90)])
        .filter(([box]) => box.height < 24 || box.width < 24).map(([box, text]) => text)"""
    with opened(browser, viewport={"width": 360, "height": 800}) as tab:
        for name, path in kinds(demo, "us-training").items():
            tab.goto(f"{demo.base}{path}")
            assert tab.evaluate(small) == [], name


def test_right_to_left_text_runs_from_right_to_left(browser: Browser, tmp_path: Path) -> None:
    arabic = [
        "قال مسؤول في المدينة يوم الثلاثاء إن 12 شخصا قتلوا في حريق اندلع في الميناء القديم قبل منتصف الليل.",
        "وأضاف أن فرق الإطفاء من أربع مدن عملت حتى الصباح، وأن الدخان تحرك فوق البحر عند الظهر.",
        "وقالت البلدية إن القاعات فتشت في مارس ولم تكن فيها عيوب، وإن التحقيق مستمر في سبب الحريق.",
    ]
    with open_store(tmp_path / "store", create=True) as store:
        for at, toll in enumerate(("12", "21"), 1):
            text = [arabic[0].replace("12", toll), *arabic[1:]]
            keep(store, capture(hour(at), page(text, headline=f"حريق في الميناء يقتل {toll} شخصا")))
    with served(tmp_path / "store") as running, opened(browser) as tab:
        (row,) = running.desk.store.articles()
        for name, path in kinds(running, row.branch).items():
            tab.goto(f"{running.base}{path}")
            assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
            ways = tab.locator(".words[dir=auto]:visible", has_text="حريق").evaluate_all(
                "nodes => nodes.map((node) => getComputedStyle(node).direction)"
            )
            assert set(ways) <= {"rtl"}, name
            assert ways or name not in ("stream", "diff", "side", "whole", "snapshot", "blame"), name


@pytest.mark.slow
def test_a_long_article_is_no_burden(browser: Browser, tmp_path: Path) -> None:
    """10,000 words, 100 of their sentences changed: a key is answered within a frame or two."""
    ends = (f"Paragraph {number} of many says that {number} people came." for number in range(100))
    long = [f"{text} {end}" for end in ends for text in PARAGRAPHS]
    changed = [text if place % 5 else text.replace("people came", "people left") for place, text in enumerate(long)]
    with open_store(tmp_path / "store", create=True) as store:
        keep(store, capture(hour(1), page(long)))
        keep(store, capture(hour(2), page(changed)))
    with served(tmp_path / "store") as running, opened(browser, reduced_motion="reduce") as tab:
        (row,) = running.desk.store.articles()
        tab.goto(f"{running.base}{kinds(running, row.branch)['whole']}")
        assert tab.locator(".note[role=note]").count() >= 100
        for _ in range(10):
            tab.keyboard.press("j")
        assert tab.locator(".here").count() == 1
        assert tab.locator(".here").bounding_box() is not None
        assert tab.evaluate("document.querySelectorAll('*').length") < 15_000


def test_links_of_a_page_stay_on_the_server_under_any_prefix(demo: Served) -> None:
    for name, path in kinds(demo, "us-training").items():
        text = demo.get(path).text
        for mark in ('href="', 'src="', 'action="'):
            for part in text.split(mark)[1:]:
                target = urldefrag(urljoin(f"https://any.example/below/{path}", part.partition('"')[0])).url
                assert target.startswith("https://any.example/below/"), (name, part[:60])
