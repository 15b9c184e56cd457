"""What the names of elements say, and what they only seem to say: layouts, hashes, anchors and links in a sentence."""

from __future__ import annotations

import pytest

from tracker.normalize import read

TEXT = (
    "The harbour board closed the old pier on Monday after divers found cracks in eleven of its forty oak piles.",
    "Ferries will leave from the fish market until the autumn, the board said, and the timetable stays as it is.",
    "“We would rather close it a year early than a day late,” said Ingrid Holm, who has run the board since 2019.",
    "The repair is to cost 4.2 million crowns, twice what the council had set aside for it in the spring budget.",
    "A meeting for all who live along the quay is planned for the second week of June in the old customs house.",
)
PARAGRAPHS = "".join(f"<p>{each}</p>" for each in TEXT)
TEASER = "The ferry that was built for another harbour is still for sale, and nobody has asked for its price this year."

MORE = "".join(f"<div class='m'><b>Ferry {each}, on time</b></div>" for each in range(20))


def page(body: str, around: str = "article") -> str:
    """A page whose headline stands in one element with the body."""
    return (
        "<!doctype html><html lang='en'><head><title>Harbour board closes the old pier</title></head><body>"
        f"<nav><a href='/'>Home</a></nav><{around}><h1>Harbour board closes the old pier</h1>{body}</{around}>"
        "<footer><p>All rights reserved.</p></footer></body></html>"
    )


def texts(markup: str) -> list[str]:
    """The paragraphs, items and headings below the headline."""
    return [block.text for block in read(markup).document.blocks if block.kind.value != "headline"]


@pytest.mark.parametrize(
    "body",
    [
        f"<div class='print:max-w-full tools:hidden [.ad_&]:my-0 prose'>{PARAGRAPHS}</div>",
        f"<div class='LightboxWrapper-x1'><div class='grid'>{PARAGRAPHS}</div></div>",
        f"<div role='tablist'><div id='read' role='tabpanel'>{PARAGRAPHS}</div></div>",
        f"<div class='D(n) Ad(f) modal(x)'>{PARAGRAPHS}</div>",
        "".join(
            f"<div class='part part-{n}'><p>{each}</p></div><div class='n{n}'>-</div>" for n, each in enumerate(TEXT)
        ),
        f"<section class='o-section o-section--has-ads'>{PARAGRAPHS}</section>",
        f"<div class='node node--type-article node--promoted'>{PARAGRAPHS}</div>",
        "".join(f"<div class='panel-pane pane-views-panes'><p>{each}</p></div>" for each in TEXT),
        "".join(
            f"<div class='elementor-widget elementor-widget-text-editor'><div class='elementor-widget-container'>"
            f"<p>{each}</p></div></div>"
            for each in TEXT
        ),
        "".join(f"<p class='font--secondary'>{each}</p>" for each in TEXT),
        "".join(f"<div class='ce_text font-size-1'><p>{each}</p></div>" for each in TEXT),
        f"<div id='read_more'><div class='body-content'>{PARAGRAPHS}</div></div>",
        f"<div id='0f3c8a52-ad11-4b7e-8ad4-cc1e5d21ad77'>{PARAGRAPHS}</div>",
        f"<div id='the-sponsor-who-paid-for-the-pier-and-left'>{PARAGRAPHS}</div>",
        "".join(f"<div class='article-widget article-widget-text'><p>{each}</p></div>" for each in TEXT),
        f"<div class='sidebar-grid__box'><div class='sidebar-grid__content article__content'>{PARAGRAPHS}</div></div>",
        "".join(f"<p aria-hidden='true' class='paywall'>{each}</p>" for each in TEXT),
    ],
)
def test_a_name_that_only_seems_to_be_one_of_furniture_costs_no_text(body: str) -> None:
    assert texts(page(body)) == [*TEXT]


def test_a_tab_list_that_holds_the_story_is_no_navigation_on_a_page_without_an_article_element() -> None:
    tabs = f"<div role='tablist'><div role='tabpanel'>{PARAGRAPHS}</div></div>"
    assert texts(page(tabs, around="div")) == [*TEXT]


def test_a_column_named_for_the_sidebar_beside_it_is_the_articles_where_it_holds_the_main_part() -> None:
    others = "".join(f"<div class='teaser-row'><p>{TEASER}</p></div>" for _ in range(9))
    inside = f"<div class='container_wrap sidebar_right'><main><div class='entry'>{PARAGRAPHS}</div></main></div>"
    assert texts(
        page(inside, around="div").replace("<footer>", f"<div class='related-stories'>{others}</div><footer>")
    ) == [*TEXT]


def test_a_body_in_two_sections_of_the_main_part_is_one() -> None:
    halves = ("".join(f"<p>{each}</p>" for each in half) for half in (TEXT[:3], TEXT[3:] + TEXT[:1]))
    sections = (
        f"<section class='d{n}'><section class='body-content'>{half}</section></section>"
        for n, half in enumerate(halves)
    )
    found = texts(page("".join(f"{each}{MORE}" for each in sections), around="main"))
    assert [line for line in found if line in TEXT] == [*TEXT, TEXT[0]]


def test_a_dialog_about_cookies_longer_than_the_story_is_not_the_story() -> None:
    consent = "".join(
        f"<p>We and our {number} partners keep what they learn on your device.</p>" for number in range(40)
    )
    markup = page(PARAGRAPHS).replace("<footer>", f"<div class='modal' id='consent-box'>{consent}</div><footer>")
    assert texts(markup) == [*TEXT]


def test_a_box_for_a_button_that_is_never_closed_takes_no_text_along() -> None:
    box = "<div class='cta'><form><label>Email</label><input type='email'><button>Sign up</button></form>"
    assert texts(page(f"<p>{TEXT[0]}</p><p>{TEXT[1]}</p>{box}{''.join(f'<p>{each}</p>' for each in TEXT[2:])}")) == [
        *TEXT
    ]


@pytest.mark.parametrize("name", ["tag-link", "category", "keyword topics", "widget"])
def test_a_link_in_a_sentence_is_a_word_of_it_whatever_it_is_called(name: str) -> None:
    holm, council = (f"<a class='{name}' href='/{each}'>{each}</a>" for each in ("Ingrid Holm", "council"))
    said = f"<p>{holm} has asked the {council} for money.</p>"
    assert texts(page(said + PARAGRAPHS))[0] == "Ingrid Holm has asked the council for money."


def test_what_only_a_screen_reader_says_in_a_sentence_goes() -> None:
    link = "<a href='/b'>published the report<span class='sr-only'>opens in a new window</span></a>"
    said = f"<p>The board has {link} in full.</p>"
    assert texts(page(said + PARAGRAPHS))[0] == "The board has published the report in full."


@pytest.mark.parametrize("anchor", ["toc-0", "nav_who-pays", "share-of-the-costs", "comments-of-the-council"])
def test_a_heading_is_not_judged_by_the_anchor_that_leads_to_it(anchor: str) -> None:
    middle = f"<p>{TEXT[0]}</p><h2 id='{anchor}'>Who pays</h2>" + "".join(f"<p>{each}</p>" for each in TEXT[1:])
    assert texts(page(middle))[1] == "Who pays"


def test_a_link_around_a_title_and_its_summary_is_a_teaser() -> None:
    card = f"<a href='/ferry'><div><p>Economy</p><h3>A ferry without a harbour</h3><p>{TEASER}</p></div></a>"
    found = read(page(f"<p>{TEXT[0]}</p>{card}" + "".join(f"<p>{each}</p>" for each in TEXT[1:])))
    assert [block.text for block in found.document.blocks][1:] == [*TEXT]
    assert [each.reason for each in found.suppressed if "ferry without" in each.block.text] == ["related"]


def test_a_picture_with_its_caption_in_a_link_is_the_articles() -> None:
    figure = "<figure><img src='/pier.jpg' alt='The pier'><figcaption>The pier in May.</figcaption></figure>"
    found = read(page(f"<a href='/large.jpg'>{figure}</a>{PARAGRAPHS}"))
    kinds = [block.kind.value for block in found.document.blocks]
    assert kinds[1:3] == ["image", "caption"]


def test_what_stands_in_an_articles_content_is_not_for_its_name_the_content() -> None:
    offer = (
        "<div class='article-content__sign-in-group'><h4>Sign in to unlock more articles</h4><ul>"
        "<li>Exclusive articles by the harbour desk and by all of our columnists.</li>"
        "<li>Puzzles, the tide table and the paper as it was printed.</li></ul></div>"
    )
    assert texts(page(f"<div class='article-content'>{PARAGRAPHS}{offer}</div>")) == [*TEXT]


def test_an_item_of_a_summary_may_end_in_the_hour_of_what_it_tells() -> None:
    items = ("Divers find cracks in piles (11.39 a.m.)", "Council calls a meeting for the evening (5.19 p.m.)")
    listed = "".join(f"<li>{each}</li>" for each in items)
    assert texts(page(f"<ul>{listed}</ul>{PARAGRAPHS}"))[:2] == [*items]


def test_what_asks_leave_to_show_a_film_in_german_goes() -> None:
    asks = (
        "<div><p>Ein Klick für den Datenschutz</p><p>YouTube-Inhalte erlauben</p><p>Ich bin damit einverstanden, dass "
        "mir Inhalte von YouTube angezeigt werden.</p><p>Personenbezogene Daten können an Drittplattformen übermittelt "
        "werden. Mehr dazu in unserer Datenschutzerklärung.</p></div>"
    )
    text = (
        "Der Hafen hat den alten Steg am Montag gesperrt, weil Taucher Risse in elf von vierzig Pfählen fanden.",
        "Die Fähren legen bis zum Herbst am Fischmarkt ab, sagte die Verwaltung, und der Fahrplan bleibt, wie er ist.",
        "Die Reparatur soll 4,2 Millionen Kronen kosten, doppelt so viel, wie der Rat dafür vorgesehen hatte.",
    )
    markup = page(f"<p>{text[0]}</p>{asks}<p>{text[1]}</p><p>{text[2]}</p>").replace("'en'", "'de'")
    assert texts(markup) == [*text]


def test_what_the_style_makes_invisible_goes() -> None:
    thanks = "Thank you for your letter, which we will answer within three days."
    assert texts(page(f"{PARAGRAPHS}<div style='visibility: hidden'><p>{thanks}</p></div>")) == [*TEXT]


def test_a_body_in_two_pieces_that_are_counted_is_one() -> None:
    halves = ["".join(f"<p>{each}</p>" for each in half) for half in (TEXT[:3], TEXT[3:])]
    pieces = (
        f"<div class='w'><div class='story-body story-body-{n}'>{half}</div>{MORE}</div>"
        for n, half in enumerate(halves)
    )
    found = texts(page("".join(pieces)))
    assert [line for line in found if line in TEXT] == [*TEXT]


def test_titles_between_the_entries_of_a_running_story_cost_it_no_entry() -> None:
    intro = "".join(f"<p>{each}</p>" for each in TEXT)
    title = (
        "<h3>What they told the board, hour by hour, of all that is to be seen below the old pier in these weeks</h3>"
    )
    entries = "".join(f"<div class='ev__item'>{title}<p>{TEXT[number % 5]}</p></div>" for number in range(20))
    found = texts(page(f"<div class='text-description'>{intro}</div><div class='ev'>{entries}</div>"))
    assert sum(line in TEXT for line in found) == 25


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        (
            "<ruby><rb>尹錫悦</rb><rp>（</rp><rt>ユン</rt><rp>）</rp></ruby>大統領は談話を出した。",
            "尹錫悦(ユン)大統領は談話を出した。",
        ),
        ("The pier of <st1:city>Port Ellery</st1:city> is closed<o:p></o:p>.", "The pier of Port Ellery is closed."),
        ("Forty piles (<my-note>11</my-note>) are old.", "Forty piles (11) are old."),
        ("The pier is <noindex><a href='/p'>closed</a></noindex> for now.", "The pier is closed for now."),
    ],
)
def test_elements_that_few_pages_have_break_no_sentence(markup: str, said: str) -> None:
    assert texts(page(f"<p>{markup}</p>{PARAGRAPHS}"))[0] == said


def test_a_sentence_in_a_box_is_text_however_much_of_it_is_linked() -> None:
    said = "After {}, it was {} that met {}."
    words = (
        "Ida Brandt closed the pier",
        "the town council of Port Ellery",
        "with all of its members in the month of June",
    )
    line = said.format(*(f"<a href='/{number}'>{each}</a>" for number, each in enumerate(words)))
    boxes = "".join(f"<div>{each}</div>" for each in (*TEXT, line))
    assert texts(page(boxes))[-1] == said.format(*words)


def test_the_small_print_of_a_publisher_is_no_story_though_it_is_longer_than_a_short_one() -> None:
    print_ = "".join(f"<p>The Gazette is a mark of the Gazette Press, office {n} on the quay.</p>" for n in range(20))
    markup = page(f"<p>{TEXT[0]}</p><p>{TEXT[1]}</p>").replace(
        "<footer>", f"<div class='copyright-text'>{print_}</div><footer>"
    )
    assert texts(markup) == [*TEXT[:2]]
