"""Furniture comes and goes, and the document stays the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.model import BlockKind
from tracker.normalize import normalize, read

LANGUAGES = Path(__file__).parent / "pages" / "languages"
HARBOUR = (Path(__file__).parent / "pages" / "normalize" / "harbour.html").read_text(encoding="utf-8")
URL = "https://gazette.example/town/harbour-board-closes-pier"
PROMO = (
    "Get the Gazette in your inbox!",
    "Morning post",
    "Begin your day with the best of the Gazette.",
    "Tide table",
    "All that the sea did overnight, in one short letter.",
    "By clicking “Subscribe”, you agree to our terms of use and privacy policy.",
    "Thank you!",
    "You are now subscribed to the Morning post. We will not share your address with anyone.",
)


def put(place: str, markup: str) -> str:
    return HARBOUR.replace(f"<!--{place}-->", markup)


@pytest.mark.parametrize(
    ("place", "markup"),
    [
        ("MIDDLE", "<div class='ad'><a href='/x'>Buy a boat</a></div>"),
        (
            "MIDDLE",
            "<div class='c1'><p>Advertisement</p><p><a href='#c'>Continue reading the main story</a></p></div>",
        ),
        ("MIDDLE", "<p>READ MORE: <a href='/m'>The long road to a new bridge</a></p>"),
        ("MIDDLE", "<p><strong>Related:</strong> <a href='/m'>What the report leaves out</a></p>"),
        ("MIDDLE", "<p><em>Sign up for our newsletter to get the top stories in your inbox.</em></p>"),
        (
            "MIDDLE",
            "<div class='b1'><h4>A letter worth opening</h4><p>Write us.</p><form><input type=email></form></div>",
        ),
        ("MIDDLE", "<div class='newsletter-box'><p>Our best stories every morning.</p></div>"),
        (
            "MIDDLE",
            (
                "<div class='k3'><h3>More</h3><ul><li><a href='/1'>One</a></li><li><a href='/2'>Two stories</a></li>"
                "<li><a href='/3'>Three stories</a></li></ul></div>"
            ),
        ),
        (
            "MIDDLE",
            "<p><a href='/1'>One story</a></p><p><a href='/2'>Two stories</a></p><p><a href='/3'>A third</a></p>",
        ),
        ("MIDDLE", "<div style='display: none'><p>Thank you, you will hear from us.</p></div>"),
        ("TOP", "<p>Updated 5 minutes ago</p>"),
        ("TOP", "<div><time datetime='2024-03-05'>5 Mar 2024</time> <time>15:13</time></div>"),
        ("TOP", "<p>3 min read</p>"),
        ("MIDDLE", "<div class='k1'><span>1 of 3</span></div>"),
        ("TOP", "<div class='share'>418 shares</div>"),
        ("END", "<p>You have 3 free articles left this month.</p>"),
        ("END", "<p>Follow us on Twitter and Facebook.</p>"),
        (
            "AFTER",
            "<div class='comments'><p>I walk past it every day and doubt each word.</p></div>",
        ),
        (
            "AFTER",
            "<div class='author-bio'><p>Ann Larkin has written about the harbour since 1999.</p></div>",
        ),
    ],
)
def test_furniture_changes_nothing(place: str, markup: str) -> None:
    assert normalize(put(place, markup), URL) == normalize(HARBOUR, URL)


@pytest.mark.parametrize(
    ("place", "markup", "reason"),
    [
        ("MIDDLE", "<p>Advertisement</p>", "advertisement"),
        ("TOP", "<p>Updated 5 minutes ago</p>", "relative-time"),
        ("TOP", "<p>May 31, 3:20 PM</p>", "time stamp"),
        ("MIDDLE", "<p>READ MORE: <a href='/m'>The long road to a new bridge</a></p>", "related"),
        ("MIDDLE", "<p>Sign up for our newsletter.</p>", "newsletter"),
    ],
)
def test_each_suppressed_block_says_why(place: str, markup: str, reason: str) -> None:
    assert reason in {each.reason for each in read(put(place, markup), URL).suppressed}


@pytest.mark.parametrize(
    "markup",
    [
        "<p>The Pentagon denied it.</p>",
        "<p><a href='/a'>The full report of the board</a> and <a href='/b'>the answer of the town</a></p>",
        "<p>Subscribers of the old ferry pass will get their money back, the board said on Tuesday.</p>",
        "<p>He asked readers to share the story of the pier, and hundreds did so within a week of its closing.</p>",
        "<h3>Advertising on the pier</h3>",
        "<p>10 years ago, the pier was closed for a whole summer.</p>",
        "<p>Contact was lost at 3:13 PM on Tuesday.</p>",
        "<p>Help for the local community will come from our members, the board said.</p>",
        "<p>Copyright in the plans belongs to the town, and not to the architect.</p>",
        "<p>Copyright claims against the architect were settled in 2016 for five million, the court said.</p>",
        "<p>Names of minors may not be published under the law, the court ruled on Monday.</p>",
        "<p>Full access to the pier was given to the inspectors on Monday.</p>",
        "<p>Join the march today, organisers told their members, or stay at home.</p>",
        "<p>Related party deals must be shown, the auditor said.</p>",
        "<p>Today, nobody walks on it.</p>",
        "<p>You have three days left, the judge told them.</p>",
        "<p>The newsletter of the fishing club had warned of rust for years.</p>",
        "<ul><li>One pillar is gone.</li></ul>",
    ],
)
def test_text_that_only_sounds_like_furniture_stays(markup: str) -> None:
    before = [block.text for block in normalize(HARBOUR, URL).blocks]
    after = [block.text for block in normalize(put("MIDDLE", markup), URL).blocks]
    assert len(after) == len(before) + 1
    assert [text for text in after if text in before] == before


@pytest.mark.parametrize(
    "markup",
    [
        "<form class='nl'><h3>{0}</h3>"
        + "".join(f"<p>{{{at}}}</p>" for at in range(1, 8))
        + "<button>Subscribe</button></form>",
        "<div class='newsletter-signup'>" + "".join(f"<p>{{{at}}}</p>" for at in range(8)) + "</div>",
        (
            "<div class='c1'><h3>{0}</h3><h4>{1}</h4><p>{2}</p><h4>{3}</h4><p>{4}</p><form><input></form><p>{5}</p>"
            "<div class='c2'><h4>{6}</h4><p>{7}</p></div></div>"
        ),
        "".join(f"<p>{{{at}}}</p>" for at in range(8)),
        "".join(f"<div>{{{at}}}</div>" for at in range(8)),
        "<div>" + "<br><br>".join(f"{{{at}}}" for at in range(8)) + "</div>",
        "<p>" + "<br>".join(f"{{{at}}}" for at in range(8)) + "</p>",
    ],
    ids=["form", "named div", "hashed div with a form", "paragraphs", "divs", "line breaks", "one paragraph"],
)
def test_a_promotion_in_the_middle_of_the_text_is_in_no_block(markup: str) -> None:
    html = put("MIDDLE", markup.format(*PROMO))
    assert normalize(html, URL) == normalize(HARBOUR, URL)


def test_the_seed_story_keeps_its_paragraphs_and_its_note_and_loses_its_promotion() -> None:
    seed = Path(__file__).parents[1].parent / "shared" / "seed" / "article.txt"
    if not seed.is_file():
        pytest.skip("the seed story is not beside this checkout")
    lines = [" ".join(line.split()) for line in seed.read_text(encoding="utf-8").splitlines() if line.strip()]
    start = next(at for at, line in enumerate(lines) if line.endswith("In Your Inbox!"))
    end = next(at for at, line in enumerate(lines) if line.startswith("You are now subscribed")) + 1
    marked = "".join(f"<p>{line}</p>" for line in lines[3:start])
    rest = "".join(f"<p>{line}</p>" for line in lines[end:])
    promo = "<div class='x'>" + "".join(f"<p>{line}</p>" for line in lines[start:end]) + "<form><input></form></div>"
    article = f"<h1>{lines[0]}</h1><h2>{lines[1]}</h2><div>{marked}{promo}{rest}</div>"
    html = f"<html lang='en'><body><article>{article}</article></body></html>"
    blocks = normalize(html, URL).blocks
    assert [block.text for block in blocks] == [*lines[:2], *lines[3:start], *lines[end:]]
    assert blocks[-1].kind is BlockKind.NOTICE
    assert sum(block.kind is BlockKind.NOTICE for block in blocks) == 1


def page_in(language: str, lines: tuple[str, ...]) -> str:
    """A page of that language with some paragraphs more in the middle of its text."""
    html = (LANGUAGES / f"{language}-1.html").read_text(encoding="utf-8")
    return html.replace("<h2>", "".join(f"<p>{line}</p>" for line in lines) + "<h2>")


@pytest.mark.parametrize("path", sorted(LANGUAGES.glob("*.html")), ids=lambda path: path.stem)
def test_furnished_pages_in_other_languages_are_read_to_the_letter(path: Path) -> None:
    reading = read(path.read_text(encoding="utf-8"), "https://paper.example/story")
    kinds = (BlockKind.BYLINE,)
    said = [block.text for block in reading.document.blocks if block.kind not in kinds]
    assert said == path.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    assert reading.blocked is None


SOUNDS_LIKE = {
    "en": (
        "Have any thoughts on why it failed? I asked the engineer that question twice.",
        "Sign language is taught in three schools of the county, and a fourth will follow in May.",
        "Become a member of the crew and you sleep on board, the captain tells new hands.",
        "Download speeds fell by half in the town after the storm cut two cables.",
        "The podcast was her idea, and the first episode was heard by nine people.",
        "Close to forty people came to the meeting on Tuesday night.",
        "Image is everything, the mayor likes to say.",
        "One article of the law was struck down; three articles were left as they were this month.",
        "Log drivers once lived on this bank of the river.",
    ),
    "de": (
        "Bereits registrierte Wähler müssen nichts weiter tun, sagte das Amt.",
        "Sie können den Artikel nicht zurückgeben, heißt es bei der Firma.",
        "Lesen Sie die E-Mail des Ministers, dann verstehen Sie den Streit, sagte die Abgeordnete.",
        "Für 49 Euro im Monat fährt man durch das ganze Land.",
        "Haben Sie einen Tipp für junge Autoren?",
        "Der Newsletter des Vereins hatte schon vor Jahren vor dem Rost gewarnt.",
        "Vor zwei Jahren war die Brücke schon einmal gesperrt.",
        "Jetzt sucht die Stadt nach Geld für den Neubau.",
        "Die Anzeige ging am Montag bei der Polizei ein.",
        "Mehr als hundert Menschen kamen in den Saal.",
        "Kommentar überflüssig, sagte der Richter nur.",
        "Teilen will den Ofen niemand.",
        "Heute geht niemand mehr hinüber.",
    ),
    "fr": (
        "Chaque matin, il écrivait une lettre à sa mère et la glissait dans la boîte.",
        "Il reste un article de la loi à voter, le plus disputé.",
        "Déjà membre de l'alliance, le pays demande une aide de plus.",
        "Une correction de trajectoire a été faite dans la nuit.",
        "Abonnés et lecteurs étaient nombreux dans la salle, selon la mairie.",
        "La publicité pour l'alcool reste interdite près des écoles.",
        "Il y a deux ans, le pont avait déjà été fermé.",
        "Partager le four ne vient à l'idée de personne.",
        "Et vous, que ferez-vous dimanche ?",
        "La suite du procès aura lieu en avril.",
        "Retrouvez-vous un tel pont ailleurs ? demande l'architecte.",
        "À lire les journaux de l'époque, personne ne s'en souciait.",
    ),
    "es": (
        "Recibió un correo electrónico de su jefe el lunes por la noche y no contestó.",
        "Sigue la polémica en las redes sociales por el cierre del puente.",
        "Prueba de ello es el acuerdo de 2019.",
        "Ya es miembro de la junta desde hace tres años.",
        "El pódcast que cambió la radio tiene nuevos episodios cada semana, dice la emisora.",
        "Hace dos años el puente ya estuvo cerrado.",
        "La publicidad del alcohol está prohibida cerca de las escuelas.",
        "Compartir el horno no se le ocurre a nadie.",
        "Más de cien personas llegaron a la sala.",
        "Le quedan tres artículos por aprobar al pleno.",
        "¿Y usted qué opina del cierre?",
        "Temas como este dividen al pueblo.",
    ),
    "pt": (
        "Recebeu por e-mail uma ameaça na segunda-feira e chamou a polícia.",
        "Entre o porto e a praça não há sombra.",
        "Já é membro do conselho há três anos.",
        "Seja como for, o vereador independente vai votar contra.",
        "Há dois anos a ponte já tinha sido fechada.",
        "Tem medo de que alguém conte a história, disse o vizinho.",
        "A publicidade de bebidas é proibida perto das escolas.",
        "Assine quem quiser, disse o prefeito sobre a petição.",
        "Mais de cem pessoas chegaram à sala.",
        "Veja o caso da padaria: ninguém reclamou.",
        "Ontem ninguém passou por ali.",
    ),
    "it": (
        "Diventa indipendente la scuola del paese, dopo trent'anni.",
        "Di nuovo chiuso, il ponte divide la città.",
        "Ricevuta via e-mail la risposta, il comune ha fermato i lavori.",
        "Già iscritta all'albo, la ditta non ha mai lavorato qui.",
        "Due anni fa il ponte era già stato chiuso.",
        "La pubblicità degli alcolici è vietata vicino alle scuole.",
        "Condividere il forno non viene in mente a nessuno.",
        "Più di cento persone sono venute in sala.",
        "Continua lo sciopero dei traghetti.",
        "Segue un lungo silenzio.",
        "E lei che cosa ne pensa?",
        "Scopri l'errore solo un bambino.",
    ),
    "nl": (
        "Elke dag kreeg hij dreigementen per mail, zei zijn advocaat in de zaal.",
        "Steun voor het plan kwam van een onafhankelijk lid van de raad.",
        "Al lid sinds 1999, werd hij nooit gehoord.",
        "Twee jaar geleden was de brug ook al dicht.",
        "De advertentie stond maandag in de krant.",
        "Delen wil niemand de oven.",
        "Meer dan honderd mensen kwamen naar de zaal.",
        "Lees de brief van de wethouder en je begrijpt de ruzie, zei het raadslid.",
        "Volg het water en je komt bij de brug, zeggen ze hier.",
        "Heeft u dat nooit iemand gemeld?",
        "Gisteren liep er niemand overheen.",
    ),
}


@pytest.mark.parametrize("language", sorted(SOUNDS_LIKE))
def test_sentences_that_only_sound_like_furniture_stay_in_every_language(language: str) -> None:
    lines = SOUNDS_LIKE[language]
    html = page_in(language, lines) if language != "en" else put("MIDDLE", "".join(f"<p>{line}</p>" for line in lines))
    said = {block.text: block.kind for block in normalize(html, "https://paper.example/story").blocks}
    assert [line for line in lines if said.get(line) is not BlockKind.PARAGRAPH] == []


FURNITURE = {
    "de": (
        "Lesen Sie auch: <a href='/a'>Wie es mit der Fähre weitergeht</a>",
        "Anzeige",
        "Artikel wird nach der Anzeige fortgesetzt",
        "Folgen Sie uns auf Instagram und WhatsApp",
        "3 Min. Lesezeit",
        "Zuletzt aktualisiert: vor 3 Stunden",
        "Haben Sie einen Fehler entdeckt? Schreiben Sie der Redaktion.",
        "Bereits Abonnent? Hier anmelden",
    ),
    "fr": (
        "Lire aussi : <a href='/a'>Ce que devient le bac</a>",
        "La suite après cette publicité",
        "Suivez-nous sur Instagram et WhatsApp",
        "Temps de lecture : 3 min",
        "Publié il y a 3 heures",
        "Cet article est réservé aux abonnés",
        "Déjà abonné ? Connectez-vous",
        "Abonnez-vous à notre newsletter pour tout savoir.",
    ),
    "es": (
        "Lea también: <a href='/a'>Qué pasará con el transbordador</a>",
        "Sigue leyendo después de la publicidad",
        "Síguenos en Instagram y WhatsApp",
        "Tiempo de lectura: 3 min",
        "Publicado hace 3 horas",
        "Escucha nuestro pódcast en Spotify",
        "¿Ya eres suscriptor? Inicia sesión",
        "Comparte esta noticia",
    ),
    "pt": (
        "Leia também: <a href='/a'>O que será da barca</a>",
        "Continua depois da publicidade",
        "Siga o jornal no Instagram e no WhatsApp",
        "Tempo de leitura: 3 min",
        "Publicado há 3 horas",
        "Clique <a href='/a'>aqui</a> e participe do nosso canal no WhatsApp",
        "Já é assinante? Faça login",
        "Compartilhe esta notícia",
    ),
    "it": (
        "Leggi anche: <a href='/a'>Che cosa sarà del traghetto</a>",
        "Continua a leggere dopo la pubblicità",
        "Seguici su Instagram e WhatsApp",
        "Tempo di lettura: 3 minuti",
        "Pubblicato 3 ore fa",
        "Riproduzione riservata",
        "Sei già abbonato? Accedi",
        "Condividi questo articolo",
    ),
    "nl": (
        "Lees ook: <a href='/a'>Hoe het verder gaat met de pont</a>",
        "Tekst gaat verder onder de advertentie",
        "Volg ons op Instagram en WhatsApp",
        "Leestijd: 3 minuten",
        "Bijgewerkt: 3 uur geleden",
        "Luister naar onze podcast, elke week een nieuwe aflevering op Spotify",
        "Al abonnee? Log in",
        "Deel dit artikel",
    ),
}


@pytest.mark.parametrize("language", sorted(FURNITURE))
def test_furniture_between_paragraphs_changes_nothing_in_any_language(language: str) -> None:
    plain, furnished = page_in(language, ()), page_in(language, FURNITURE[language])
    said = [block.text for block in normalize(plain, "https://paper.example/story").blocks]
    assert [block.text for block in normalize(furnished, "https://paper.example/story").blocks] == said


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ("<div data-ad-slot='3'><p>A boat for the spring</p></div>", "advertisement"),
        ("<div><a rel='sponsored noopener' href='/x'>Roofs of slate</a></div>", "advertisement"),
        ("<section aria-label='Related articles'><p>Five walks along the bay</p></section>", "related"),
        (
            "<div class='k1'><h3>A letter worth opening</h3><p>One story a week.</p><a href='/l'>Yes please</a></div>",
            "promotion",
        ),
        ("<p><a href='/x'>Why the lake keeps rising every year</a></p>", "links only"),
        ("<p><b>Worth knowing:</b> <a href='/x'>Why the lake keeps rising</a></p>", "related"),
        ("<div class='overlay-box'><p>A word from us.</p></div>", "overlay"),
        ("<div class='paywall-message'><p>Three more stories this month.</p></div>", "subscription"),
    ],
)
def test_what_the_structure_tells_goes_without_a_word_list(markup: str, reason: str) -> None:
    assert normalize(put("MIDDLE", markup), URL) == normalize(HARBOUR, URL)
    assert reason in {each.reason for each in read(put("MIDDLE", markup), URL).suppressed}


@pytest.mark.parametrize(
    "markup",
    [
        "<p><a href='/x'>The board’s answer to the town, in full.</a></p>",  # a sentence
        "<p><a href='/x'>The full report</a></p>",  # too short to be a title
        "<p>Address: <a href='/x'>Old Hall, Mill Lane</a>, open from nine to five</p>",
        "<p>Photographer: <a href='/x'>@miaolsen</a></p>",
        "<div class='facts'><h3>The pier in figures</h3><p>Built in 1953, it has forty pillars.</p></div>",
    ],
)
def test_links_and_boxes_of_the_article_stay(markup: str) -> None:
    assert len(normalize(put("MIDDLE", markup), URL).blocks) > len(normalize(HARBOUR, URL).blocks)


def test_lines_that_lead_elsewhere_go_however_many_pictures_stand_between_them_and_the_text() -> None:
    picture = "<figure><img src='/{0}.jpg' alt='{0}'><figcaption>The pier in {0}</figcaption></figure>"
    links = [f"<p><a href='/{at}'>Why the lake number {at} keeps rising</a></p>" for at in range(3)]
    app = "<p><a href='/app'>Click here to get our app</a></p>"
    pictures = [picture.format(year) for year in (1953, 1961, 1975)]
    with_links = "".join(pictures[at] + links[at] for at in range(3)) + app
    assert normalize(put("MIDDLE", with_links), URL) == normalize(put("MIDDLE", "".join(pictures)), URL)


def test_an_article_that_is_a_list_of_links_keeps_them() -> None:
    said = "A story about the lake, told by the people who have lived beside it for more than eighty years."
    rows = "".join(
        f"<p><a href='/{at}'>Why the lake number {at} keeps rising</a></p><p>{said} {at}</p>" for at in range(9)
    )
    blocks = [block.text for block in normalize(put("END", rows), URL).blocks]
    assert all(f"Why the lake number {at} keeps rising" in blocks for at in range(9))


@pytest.mark.parametrize(
    "markup",
    [
        "<p>The mayor{} <b>Jane Doe</b> said so.</p>",
        "<p>The mayor {}<b>Jane Doe</b> said so.</p>",
        "<p>The mayor{}\n<a href='/d'>Jane Doe</a> said so.</p>",
    ],
)
@pytest.mark.parametrize("furniture", ["", "<span class='tooltip'>Who is that?</span>", "<button>Play</button>"])
def test_words_stay_apart_where_furniture_between_them_goes(markup: str, furniture: str) -> None:
    said = [block.text for block in normalize(put("MIDDLE", markup.format(furniture)), URL).blocks]
    assert "The mayor Jane Doe said so." in said


def test_a_block_of_furniture_is_a_border_between_words() -> None:
    page = put("MIDDLE", "<div>The pier is shut.<div class='ad'>Buy a boat</div><b>Nobody</b> walks on it.</div>")
    assert "The pier is shut. Nobody walks on it." in [block.text for block in normalize(page, URL).blocks]


def test_a_control_character_behind_what_is_taken_out_trips_nobody():
    """lxml reads them and takes none back: whatever is moved about must not be set anew."""
    for furniture in ("<span class='tooltip'>Who is that?</span>", "<button>Play</button>"):
        reading = read(put("MIDDLE", f"<p>The mayor{furniture}\f spoke in the town hall.</p>").encode(), URL)
        assert reading.blocked is None
        assert any("spoke in the town hall." in block.text for block in reading.document.blocks)


@pytest.mark.parametrize("box", ["signup-card", "k7"])
def test_a_form_between_short_paragraphs_takes_none_of_them_along(box: str) -> None:
    said = [
        "The pier is shut.",
        "Eleven of its forty pillars are rusty, the board’s engineers found.",
        "It opens in May.",
    ]
    form = f"<div class='{box}'><h4>A letter worth opening</h4><p>Write us.</p><form><input type=email></form></div>"
    rows = [f"<p>{text}</p>" for text in said]
    head = "<header><h1>Pier shut</h1><p class='standfirst'>The board acts after a report.</p></header>"
    page = f"<article>{head}<section class='k2'>{rows[0]}{rows[1]}{form}{rows[2]}</section></article>"
    blocks = [block.text for block in normalize(page, URL).blocks]
    assert blocks == ["Pier shut", "The board acts after a report.", *said]


@pytest.mark.parametrize("name", ["article__teaser", "teaser", "story-promo"])
def test_a_paragraph_that_is_called_a_teaser_and_leads_nowhere_stays(name: str) -> None:
    lead = "The board meets again in May, when the engineers will have looked at the other pillars."
    there = normalize(put("MIDDLE", f"<p class='{name}'>{lead}</p>"), URL)
    assert there == normalize(put("MIDDLE", f"<p>{lead}</p>"), URL)
    away = f"<a href='/x'><p class='{name}'>{lead}</p></a>"
    assert normalize(put("MIDDLE", f"<div>{away}</div>"), URL) == normalize(HARBOUR, URL)


@pytest.mark.parametrize("name", ["read-more-content", "readmore-box", "teaser-text-block"])
def test_text_that_a_button_unfolds_is_text(name: str) -> None:
    text = "<p>The board meets again in May.</p><p>By then its engineers will have looked at the other pillars.</p>"
    folded = f"<div class='{name}'>{text}</div><button class='read-more'>Read more</button>"
    assert normalize(put("MIDDLE", folded), URL) == normalize(put("MIDDLE", text), URL)
    teasers = "<p>What the board said, and what it did not say in the end. <a href='/x'>More</a></p>" * 2
    assert normalize(put("MIDDLE", f"<div class='{name}'>{teasers}</div>"), URL) == normalize(HARBOUR, URL)


@pytest.mark.parametrize(
    "markup",
    [
        "<div class='condividi'><p>Condividi 12</p></div>",
        "<div class='partager'><p>Partager 12</p></div>",
        "<div id='piano-inline-3'><div class='tp-container-inner'><p>Four weeks for one euro</p></div></div>",
    ],
)
def test_boxes_for_sharing_and_for_offers_go_by_their_names(markup: str) -> None:
    assert normalize(put("MIDDLE", markup), URL) == normalize(HARBOUR, URL)


@pytest.mark.parametrize(
    "markup",
    [
        "<ul><li><a href='/x'>Why the lake keeps rising every year</a></li></ul>",
        "<div><span>Worth knowing</span><a href='/x'>Why the lake keeps rising</a></div>",
        "<div class='k5'><h4>Key events</h4><ul><li><a href='#p2'>The board speaks</a></li></ul></div>",
    ],
)
def test_a_line_between_short_paragraphs_that_leads_elsewhere_goes(markup: str) -> None:
    short = "<p>“We knew,” she said.</p>{}<p>The board met in private on Monday.</p>"
    assert normalize(put("END", short.format(markup)), URL) == normalize(put("END", short.format("")), URL)


def test_items_that_lead_elsewhere_stay_in_a_list_with_others_and_a_heading_that_links_to_itself_too() -> None:
    items = "<ul><li><a href='/x'>Why the lake keeps rising every year</a></li><li>A map of the bay</li></ul>"
    heading = "<div class='k6'><h2><a href='#next'>What happens next</a></h2></div>"
    added = len(normalize(put("MIDDLE", items + heading), URL).blocks) - len(normalize(HARBOUR, URL).blocks)
    assert added == len(("item", "item", "heading"))


def test_a_counter_above_the_text_and_a_word_about_the_printed_paper_go() -> None:
    counter = "<ul class='k7'><li><button>Share</button></li><li><span>214</span></li></ul>"
    printed = "<p>A version of this article appears in print on March 6, 2024, Section A, Page 3.</p>"
    assert normalize(put("TOP", counter), URL) == normalize(HARBOUR, URL)
    assert normalize(put("END", printed), URL) == normalize(HARBOUR, URL)


@pytest.mark.parametrize(
    "row",
    [
        "<div class='k8'><time>5 March 2024</time><span>Updated 5 minutes ago</span><span>12 comments</span></div>",
        "<p class='k8'><span>Published: 5 March 2024</span><span>Last updated: 6 March 2024, 9:12</span></p>",
    ],
)
def test_a_row_of_stamps_and_counters_goes_though_no_space_stands_between_them(row: str) -> None:
    assert normalize(put("MIDDLE", row), URL) == normalize(HARBOUR, URL)


def test_boxes_go_by_their_names_in_languages_without_a_word_list() -> None:
    for name, said in (("reklam", "Reklam"), ("paylas", "Paylaş 3"), ("etiketler", "Konya deprem")):
        assert normalize(put("MIDDLE", f"<div class='{name}'>{said}</div>"), URL) == normalize(HARBOUR, URL)


def test_a_spanish_line_that_offers_a_letter_goes_and_a_bulletin_that_comes_stays() -> None:
    page = "<html lang=es><h1>Muelle cerrado</h1><p>La junta del puerto cerró el lunes el muelle viejo.</p>{}</html>"
    offer = "<p>Recibe el boletín de Economía en tu correo</p>"
    assert normalize(page.format(offer), URL) == normalize(page.format(""), URL)
    bulletin = "<p>El comandante recibe el boletín en su correo, antes de salir del puerto.</p>"
    assert len(normalize(page.format(bulletin), URL).blocks) == len(normalize(page.format(""), URL).blocks) + 1
