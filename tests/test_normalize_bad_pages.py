"""Pages that no one wants: each gives a reading with a reason, never an exception, and in reasonable time."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest

from tracker.model import BlockKind
from tracker.normalize import NO_ARTICLE, canonical, document_from_text, normalize, read
from tracker.normalize.loss import sudden_loss
from tracker.normalize.quality import REASONS

ROOT = Path(__file__).parents[1]
VOCABULARY = ROOT / "tracker" / "normalize" / "vocabulary"

LONG = "The council voted on Monday to close the bridge for repairs, the mayor said in a statement."
MORE = "Work will begin in June and last for about ten weeks, according to the city's engineers."
STORY = f"<h1>Bridge to close</h1><p>{LONG}</p><p>{MORE}</p>"


def paragraphs(page: str | bytes) -> list[str]:
    return [block.text for block in normalize(page).blocks if block.kind is BlockKind.PARAGRAPH]


def test_entities_of_a_page_are_not_looked_up():
    """Neither a file of this machine nor a few lines that grow without end (XXE, "billion laughs")."""
    grown = "".join(f'<!ENTITY g{n} "{f"&g{n - 1};" * 10}">' for n in range(1, 10))
    entities = f'<!ENTITY file SYSTEM "file:///etc/passwd"><!ENTITY g0 "grown">{grown}'
    page = f'<?xml version="1.0"?><!DOCTYPE html [{entities}]><html xmlns="http://www.w3.org/1999/xhtml">{STORY}'
    assert paragraphs(f"{page}<p>{LONG} &file; &g9;</p></html>")[-1] == f"{LONG} &file; &g9;"


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (b"", "an empty page"),
        ("  \n ", "an empty page"),
        (b"\x00" * 3000, "binary data, not an HTML page"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3 1 0 obj", "a PDF, not an HTML page"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "an image, not an HTML page"),
        ("<html><frameset cols='1,2'><frame src='a'><frame src='b'></frameset></html>", NO_ARTICLE),
        ("just a word", NO_ARTICLE),
        ('{"a": 1}', NO_ARTICLE),
        ("<html><body><nav><a href='/'>Home</a></nav></body></html>", NO_ARTICLE),
        ("<p>" + "a" * 12_000_001, "a page of more than 12 million characters"),
        (
            (
                "<title>News</title><script src=a></script><script src=b></script><div id=root></div>"
                "<noscript>You need to enable JavaScript to run this app.</noscript>"
            ),
            "an empty shell that needs JavaScript; a browser can read it: --browser, with the extra [browser]",
        ),
        (
            "<title>News</title><script src=a></script><script>b()</script><div id=root></div>",
            "an empty shell that needs JavaScript; a browser can read it: --browser, with the extra [browser]",
        ),
        (
            "<title>404 Not Found</title><h1>Page not found</h1><p>Sorry, that page does not exist.</p>",
            "a page that says it was not found",
        ),
        (
            "<title>Oops</title><h1>We can’t find that page</h1><p>It may have been moved. Try the search instead.</p>",
            "a page that says it was not found",
        ),
        (
            "<title>Just a moment...</title><p>Checking your browser before you are let in. This takes a second.</p>",
            "a robot check",
        ),
        (
            (
                "<title>Before you continue</title><h1>We value your privacy</h1><p>We and our partners use "
                "cookies to store and read personal data. You can accept or manage your choices here.</p>"
            ),
            "a consent wall",
        ),
        (
            "<title>503 Service Unavailable</title><h1>503 Service Unavailable</h1>",
            "an error page",
        ),
        (
            "<title>Access denied</title><h1>Access denied</h1><p>You do not have permission to see this page.</p>",
            "access denied",
        ),
        (
            (
                f"<title>Bridge</title><h1>Bridge</h1><p>{LONG}</p><div><h2>Subscribe to continue reading</h2>"
                "<p>Already a subscriber? Log in</p></div>"
            ),
            "a paywall",
        ),
    ],
)
def test_what_is_not_an_article_says_what_it_is(page: str | bytes, reason: str) -> None:
    assert read(page).blocked == reason


@pytest.mark.parametrize(
    "page",
    [
        f"<html><body>{STORY}</body></html>".encode("utf-16"),
        '<?xml version="1.0" encoding="iso-8859-1"?><html xmlns="http://www.w3.org/1999/xhtml"><body>' + STORY,
        f"\ufeff{STORY}",
        STORY.replace("bridge", "bri\x00dge"),
        STORY.replace("<p>", "<p\x00>"),
        "<div>" * 10_000 + STORY,
        "<ul><li>" * 4_000 + STORY,
        "<table><tr><td>" * 3_000 + STORY,
        "<blockquote><span>" * 3_000 + STORY,
        "<x-y>" * 10_000 + STORY,
        "<b>" * 1_500 + STORY,
        STORY + "</div>" * 10_000,
        STORY + "<!-- " + "x" * 100_000,
        "<p " + " ".join(f"a{at}='<'" for at in range(60_000)) + ">" + STORY,
    ],
    ids=range(14),
)
def test_strange_pages_are_read_all_the_same(page: str | bytes) -> None:
    start = time.process_time()
    assert paragraphs(page) == [LONG, MORE]
    assert time.process_time() - start < 10


def test_a_huge_line_ends_soon_and_says_why() -> None:
    start = time.process_time()
    assert read(b"<p>" + b"a" * 50_000_000).blocked == "a page of more than 12 million characters"
    assert time.process_time() - start < 5


def test_lone_surrogates_and_character_references_to_nothing_become_marks() -> None:
    page = STORY.replace("mayor", "ma\ud800yor").replace("engineers", "&#x1;engin&#xFFFF;eers&#150;")
    assert paragraphs(page) == [LONG.replace("mayor", "ma\ufffdyor"), MORE.replace("engineers", "engineers–")]


def test_a_short_story_about_errors_is_no_error_page() -> None:
    said = "The court was told that the page had not been found in the archive until last week, when it was found."
    page = (
        f"<title>Missing page found | Gazette</title><h1>Missing page found</h1><p>{said}</p><p>{LONG}</p><p>{MORE}</p>"
    )
    assert read(page).blocked is None


NAV = "<nav><a href='/'>Home</a> <a href='/town'>Town</a> <a href='/abo'>Subscribe</a></nav>"
DATED = "<meta property='article:published_time' content='2024-03-05T08:15:00Z'>"
COOKIE_BAR = (
    "<div class='x1'><p>We and our partners use cookies on this site. You can change your choices at any time.</p>"
    "<button>Accept</button></div>"
)


def wall(title: str, *lines: str, lang: str = "en", head: str = "", foot: str = "") -> str:
    """A page that says its title in an h1 and some lines below it."""
    said = "".join(f"<p>{line}</p>" for line in lines)
    return (
        f"<html lang='{lang}'><head><title>{title} | The Example Gazette</title>{head}</head>"
        f"<body>{NAV}<main><h1>{title}</h1>{said}</main>{foot}</body></html>"
    )


ROBOT, DENIED, MISSING = "a robot check", "access denied", "a page that says it was not found"
CONSENT, PAYWALL, LOGIN = "a consent wall", "a paywall", "a login wall"
DOWN, BROKEN, REGION = "a maintenance page", "an error page", "not available in this region"
SHELL = "an empty shell that needs JavaScript; a browser can read it: --browser, with the extra [browser]"
SCRIPTS = "<script src='/a.js'></script><script src='/b.js'></script>"


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (wall("gazette.example", "Please confirm that you are a human being. Reference: 88a1."), ROBOT),
        (wall("Pardon the interruption", "Something in your browser made us think that you might be a bot."), ROBOT),
        (wall("One moment, please", "We are checking your browser. You will be let in soon.", head=SCRIPTS), ROBOT),
        (wall("Are you a robot?", "We have detected unusual activity from your network.", "Press & hold."), ROBOT),
        (wall("Sicherheitsüberprüfung", "Bitte bestätigen Sie, dass Sie kein Roboter sind.", lang="de"), ROBOT),
        (wall("Un instant", "Nous vérifions votre navigateur. Êtes-vous un humain ?", lang="fr"), ROBOT),
        (wall("Access Denied", "You don't have permission to see this page on this server. Reference #18.2f."), DENIED),
        (wall("403 Forbidden", "Your request was rejected by the rules of this site."), DENIED),
        (wall("Acceso denegado", "No tiene permiso para ver esta página.", lang="es"), DENIED),
        (wall("Toegang geweigerd", "U hebt geen toestemming om deze pagina te bekijken.", lang="nl"), DENIED),
        (wall("Sorry", "Our site cannot be read from your location: it is not available in your country."), REGION),
        (wall("451", "Due to GDPR we cannot give visitors from Europe access to this site."), REGION),
        (wall("Contenido no disponible en tu país", "Por motivos legales no podemos mostrarlo.", lang="es"), REGION),
        (wall("Page not found", "It may have been moved. Check the address or go back to the home page."), MISSING),
        (wall("Seite nicht gefunden", "Die gewünschte Seite existiert leider nicht mehr.", lang="de"), MISSING),
        (wall("Página não encontrada", "O endereço que você procura não existe.", lang="pt"), MISSING),
        (wall("Pagina non trovata", "La pagina che stai cercando è stata rimossa.", lang="it"), MISSING),
        (wall("Oeps!", "Deze pagina bestaat niet meer. Ga terug naar de homepage.", lang="nl"), MISSING),
        (wall("Page introuvable", "La page que vous recherchez n'existe plus.", lang="fr"), MISSING),
        (wall("404", *(f"Latest: {LONG} {MORE}" for _ in range(8))), MISSING),
        (wall("Something went wrong", "Please try again later, or reload this page."), BROKEN),
        (wall("502 Bad Gateway", "The server did not answer in time."), BROKEN),
        (wall("Interner Serverfehler", "Bitte versuchen Sie es später noch einmal.", lang="de"), BROKEN),
        (wall("We'll be back soon", "Our site is down for scheduled maintenance."), DOWN),
        (wall("Sito in manutenzione", "Torneremo presto.", lang="it"), DOWN),
        (
            wall(
                "Before you go on",
                "We and our 812 partners store and read information on your device, such as cookies.",
                "You can accept all of it, or choose what we may do with your data. You can change your choices later.",
                "If you refuse, you will see the same number of advertisements, but they may be less relevant to you.",
            ),
            CONSENT,
        ),
        (
            wall(
                "Weiter mit Werbung lesen",
                "Wir und unsere Partner verwenden Cookies und ähnliche Verfahren auf Ihrem Gerät.",
                "Sie können Ihre Einwilligung jederzeit widerrufen.",
                lang="de",
            ),
            CONSENT,
        ),
        (
            wall(
                "Votre vie privée",
                "Avec votre accord, nous et nos partenaires utilisons des cookies sur votre appareil.",
                lang="fr",
            ),
            CONSENT,
        ),
        (
            wall(
                "Bridge to close",
                LONG,
                "To read the rest of this story, subscribe or sign in.",
                "Subscribe now to continue reading this article.",
                head=DATED,
            ),
            PAYWALL,
        ),
        (wall("Brücke", LONG, "Jetzt testen und weiterlesen", "Nur für Abonnenten", lang="de", head=DATED), PAYWALL),
        (wall("Pont", LONG, "Il vous reste 80 % de cet article à lire.", lang="fr", head=DATED), PAYWALL),
        (wall("Puente", LONG, "Este contenido es exclusivo para suscriptores.", lang="es", head=DATED), PAYWALL),
        (wall("Ponte", LONG, "Conteúdo exclusivo para assinantes.", lang="pt", head=DATED), PAYWALL),
        (wall("Ponte", LONG, "Questo articolo è riservato agli abbonati.", lang="it", head=DATED), PAYWALL),
        (wall("Brug", LONG, "Dit artikel is alleen voor abonnees.", lang="nl", head=DATED), PAYWALL),
        (
            wall(
                "Sign in", "Please sign in to read the paper.", foot="<form><input name=u><input type=password></form>"
            ),
            LOGIN,
        ),
        (f"<html lang=en><title>Gazette</title><body><div id=app>Loading…</div>{SCRIPTS}</body></html>", SHELL),
        (f"<title>Gazette</title>{SCRIPTS}<p>This site needs JavaScript. Please turn it on.</p>", SHELL),
        (
            "<title>Gazette</title><meta http-equiv='Refresh' content='0; url=/start'><body></body>",
            "a page that only leads to another address",
        ),
    ],
)
def test_walls_and_broken_pages_are_not_believed(page: str, reason: str) -> None:
    assert read(page).blocked == reason


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("Parliament passes cookie law", ["Sites must ask before they store cookies, under a law passed on Monday."]),
        ("The page that was not there", [f"{LONG} The page could not be found, the court heard.", MORE]),
        ("How a 404 page became a work of art", ["The artist drew one for each page that no longer exists.", MORE]),
        ("Farewell to captchas", ["Captchas will go in May, the bank said.", "Nobody could read them any more."]),
        ("Access denied", ["‘Access denied’, the screen said to 3,000 nurses on Monday morning.", LONG, MORE]),
        ("Not found", ["The hiker has not been found, the police said on Tuesday evening.", LONG, MORE]),
        ("Mayor resigns", ["The mayor of Example has resigned, her office said on Tuesday."]),
        ("Storm: two dead", ["Two people have died in the storm.", "More will be known in the morning, police said."]),
        ("Pool closed", ["The pool is temporarily closed for maintenance, the town said.", MORE]),
        ("Paper ends its paywall", ["Readers no longer have to subscribe to read the Example Gazette.", LONG, MORE]),
        ("Subscribers leave", ["The paper lost a tenth of its subscribers, it said on Monday.", LONG]),
        ("Robots at the gate", ["Are you a robot? A play at the Old Hall asks its audience that question.", LONG]),
        ("Server farm burns", ["The fire started in the server hall. The error was human, the company said.", MORE]),
        ("Bank's site was down for hours", ["Customers saw ‘Something went wrong’ until noon.", LONG]),
        ("Just a moment", ["A moment was all it took for the wall to fall, witnesses said.", LONG, MORE, LONG]),
        ("Geoblocking to end", ["‘Not available in your country’ will be a thing of the past, ministers said.", MORE]),
        ("Law on passwords", ["Banks must let customers sign in without a password, the minister said.", LONG]),
        ("Privacy first", ["Your privacy is worth 40 euros a year, the court found.", "The firm will pay.", LONG]),
        ("Seite für Seite", ["Die Bibliothek hat 400 Seiten verloren; eine Seite wurde nicht gefunden.", LONG]),
        ("Le site de la mairie en panne", ["Une erreur technique a bloqué le site pendant trois heures.", LONG]),
    ],
)
@pytest.mark.parametrize("foot", ["", COOKIE_BAR, "<footer><p>Subscribe to our newsletter. Sign in.</p></footer>"])
def test_articles_about_such_pages_are_read(title: str, lines: list[str], foot: str) -> None:
    page = wall(title, *lines, head=DATED, foot=foot)
    reading = read(page)
    assert reading.blocked is None
    said = [block.text for block in reading.document.blocks if block.kind is BlockKind.PARAGRAPH]
    assert said == lines


@pytest.mark.parametrize(
    ("line", "lang"),
    [
        ("Die Fahrt am Sonntag ist nur für Mitglieder des Vereins, sagte die Kapitänin am Dienstag.", "de"),
        ("De ijsbaan gaat maandag open, maar alleen voor leden van de vereniging in het dorp.", "nl"),
        ("La cadena tendrá contenido exclusivo para adultos a partir de las once de la noche.", "es"),
        ("Il fascicolo era contenuto riservato del ministero, ha detto il giudice lunedì mattina.", "it"),
        ("O desconto de 10% é exclusivo para assinantes da companhia de água, diz a prefeitura.", "pt"),
    ],
)
def test_a_sentence_about_members_and_subscribers_is_no_gate(line: str, lang: str) -> None:
    assert read(wall("Bridge to close", LONG, line, lang=lang, head=DATED)).blocked is None
    assert read(wall("Bridge to close", LONG, MORE, lang=lang, head=DATED, foot=f"<p>{line}</p>")).blocked is None


@pytest.mark.parametrize(
    ("line", "lang"),
    [
        ("This article has been removed because it did not meet our standards.", "en"),
        ("Editor’s note: We have retracted this story and apologise to our readers.", "en"),
        ("RETRACTION: The Gazette withdraws this report. We could not confirm what it said.", "en"),
    ],
)
def test_a_story_that_is_taken_back_is_a_version_and_no_missing_page(line: str, lang: str) -> None:
    assert read(wall("Bridge to close", line, lang=lang, head=DATED)).blocked is None
    assert read(wall("Bridge to close", line, lang=lang)).blocked is None


@pytest.mark.parametrize(
    "promo",
    [
        "Subscribe to the Gazette and never miss a story.",
        "You have 2 free articles left this month. Subscribe to keep reading.",
        "Already a subscriber? Sign in.",
        "Sign up to read our best stories every Friday.",
        "Support our journalism: become a member today.",
        "Jetzt den Newsletter abonnieren",
        "Abonnez-vous à notre lettre pour lire les meilleures histoires de la semaine.",
        "Suscríbete a nuestro boletín para recibir las noticias.",
    ],
)
@pytest.mark.parametrize("undated", [False, True])
def test_a_free_story_with_a_promotion_is_read(promo: str, *, undated: bool) -> None:
    page = wall("Bridge to close", LONG, MORE, promo, head="" if undated else DATED)
    assert read(page).blocked is None


@pytest.mark.parametrize("page", [b"", b"%PDF-", "<", "<link rel=canonical>", "<link rel=canonical href='http://['>"])
def test_no_canonical_address_is_none(page: str | bytes) -> None:
    assert canonical(page) in (None, "http://[")


def test_an_interrupt_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tracker.normalize.metadata", interrupted)
    with pytest.raises(KeyboardInterrupt):
        read(STORY)


def test_a_parser_that_panics_past_exception_blocks_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    def panicking(*_: object) -> None:
        raise PanicException

    monkeypatch.setattr("tracker.normalize.metadata", panicking)
    assert read(STORY).blocked == "unreadable: PanicException"


def test_every_reason_for_leaving_something_out_or_not_believing_a_page_is_documented() -> None:
    names = tomllib.loads((VOCABULARY / "names.toml").read_text(encoding="utf-8"))
    reasons = {*names["furniture"], *names["weak"], *names["roles"], *REASONS.values(), "a page that only leads to"}
    for path in VOCABULARY.glob("??.toml"):
        words = tomllib.loads(path.read_text(encoding="utf-8"))
        reasons |= {*words["whole"], *words["opening"], *words["link"]}
    said = (ROOT / "docs" / "left-out.md").read_text(encoding="utf-8")
    assert [reason for reason in sorted(reasons) if f"`{reason}" not in said] == []


def test_a_sudden_loss_is_told_in_a_script_without_spaces_and_not_where_the_story_was_taken_back() -> None:
    long = document_from_text("市议会星期一投票决定关闭大桥进行维修市长在声明中表示" * 20)
    short = document_from_text("市议会星期一投票决定关闭大桥。")
    assert sudden_loss(long, short) is not None
    assert sudden_loss(long, long) is None
    assert sudden_loss(long, document_from_text("This article has been retracted by the Gazette.")) is None
