"""The publisher's own notes: kept wherever they stand, and nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.model import Block, BlockKind, Placement
from tracker.normalize import normalize

LANGUAGES = Path(__file__).parent / "pages" / "languages"
HARBOUR = (Path(__file__).parent / "pages" / "normalize" / "harbour.html").read_text(encoding="utf-8")
URL = "https://gazette.example/town/harbour-board-closes-pier"
SAYS = "An earlier version of this article misstated the year of the flood. It was 1953, not 1935."
NOTE = f"Correction: {SAYS}"
UPDATE = "UPDATE 3:13 PM: This story has been updated to include a statement from the harbour board."


def notices(html: str) -> list[Block]:
    return [block for block in normalize(html, URL).blocks if block.kind is BlockKind.NOTICE]


def put(place: str, markup: str) -> str:
    assert f"<!--{place}-->" in HARBOUR
    return HARBOUR.replace(f"<!--{place}-->", markup)


@pytest.mark.parametrize(
    ("place", "markup", "text", "placement"),
    [
        ("END", f"<p>{NOTE}</p>", NOTE, Placement.END),
        ("END", f"<p><em>{NOTE}</em></p>", NOTE, Placement.END),
        ("END", f"<p><strong>Correction:</strong> {SAYS}</p>", NOTE, Placement.END),
        ("END", f"<p class='correction'><i>{NOTE}</i></p>", NOTE, Placement.END),
        ("END", f"<p><small>{NOTE}</small></p>", NOTE, Placement.END),
        ("END", f"<small>{NOTE}</small>", NOTE, Placement.END),
        ("END", f"<em>{NOTE}</em>", NOTE, Placement.END),
        ("END", f"<strong>{NOTE}</strong>", NOTE, Placement.END),
        ("END", f"<div>{NOTE}</div>", NOTE, Placement.END),
        ("END", f"<div class='editor-note'><p>{NOTE}</p></div>", NOTE, Placement.END),
        ("END", f"<aside class='correction'><p>{NOTE}</p></aside>", NOTE, Placement.END),
        ("END", f"<aside><p>{NOTE}</p></aside>", NOTE, Placement.END),
        ("END", f"<footer class='article-footer'><p>{NOTE}</p></footer>", NOTE, Placement.END),
        ("END", f"<figure><img src='/b.jpg' alt='b'><figcaption>{NOTE}</figcaption></figure>", NOTE, Placement.END),
        ("END", f"<h4>Correction</h4><p>{SAYS}</p>", NOTE, Placement.END),
        ("END", f"<div><div><b>Correction</b></div><div>{SAYS}</div></div>", NOTE, Placement.END),
        ("END", f"<p><b>Correction</b><br>{SAYS}</p>", NOTE, Placement.END),
        ("END", f"<h4>Correction and update</h4><p>{SAYS}</p>", f"Correction and update: {SAYS}", Placement.END),
        ("END", f"<aside><p><b>Correction</b><br>{SAYS}</p></aside>", NOTE, Placement.END),
        ("AFTER", f"<footer><p>Correction<br/>{SAYS}</p></footer>", NOTE, Placement.AFTER_BODY),
        ("END", "<p>(This story has been updated.)</p>", "(This story has been updated.)", Placement.END),
        ("END", f"<p>{UPDATE}</p>", UPDATE, Placement.END),
        ("TOP", f"<div class='editor-note'><p>{NOTE}</p></div>", NOTE, Placement.TOP),
        ("HEAD", f"<p>{NOTE}</p>", NOTE, Placement.TOP),
        ("MIDDLE", f"<aside><p>{UPDATE}</p></aside>", UPDATE, Placement.BODY),
        ("MIDDLE", f"<p>{NOTE}</p>", NOTE, Placement.BODY),
        ("AFTER", f"<p>{NOTE}</p>", NOTE, Placement.AFTER_BODY),
        ("AFTER", f"<div><p>About the pier</p><ins>{NOTE}</ins></div>", NOTE, Placement.AFTER_BODY),
        ("END", f"<div class='promo-box'><p>{NOTE}</p></div>", NOTE, Placement.END),
        ("AFTER", f"<div class='css-1'><h4>Correction</h4><p>{SAYS}</p></div>", NOTE, Placement.AFTER_BODY),
        ("AFTER", f"<footer><div><p>{NOTE}</p></div></footer>", NOTE, Placement.AFTER_BODY),
        (
            "AFTER",
            "<div class='article-correction'><p>We have changed the year of the flood to 1953.</p></div>",
            "We have changed the year of the flood to 1953.",
            Placement.AFTER_BODY,
        ),
    ],
)
def test_a_note_is_kept_exactly_and_nothing_else_changes(
    place: str, markup: str, text: str, placement: Placement
) -> None:
    html = put(place, markup)
    assert [(block.text, block.placement) for block in notices(html)] == [(text, placement)]
    pictures = (BlockKind.IMAGE, BlockKind.NOTICE)
    rest = [block for block in normalize(html, URL).blocks if block.kind not in pictures]
    assert rest == [block for block in normalize(HARBOUR, URL).blocks if block.kind not in pictures]


def test_stacked_notes_are_so_many_notices() -> None:
    html = put("END", f"<div class='editor-note'><p>{NOTE}</p><p>{UPDATE}</p></div>")
    assert [block.text for block in notices(html)] == [NOTE, UPDATE]


def test_the_second_paragraph_of_a_note_belongs_to_it() -> None:
    html = put("END", f"<div class='editor-note'><p>{NOTE}</p><p>We regret the error.</p></div>")
    assert [block.text for block in notices(html)] == [f"{NOTE} We regret the error."]


def test_links_in_a_note_keep_their_places() -> None:
    html = put("AFTER", f"<div><h4>Correction</h4><p>{SAYS} <a href='/why'>Read why.</a></p></div>")
    (note,) = notices(html)
    assert [note.text[link.start : link.end] for link in note.links] == ["Read why."]


@pytest.mark.parametrize(
    ("place", "markup"),
    [
        ("TOP", "<p>Updated 5 minutes ago</p>"),
        ("TOP", "<div>May 31, 3:20 PM</div>"),
        ("AFTER", f"<div class='comment'><p>{NOTE}</p></div>"),
        ("AFTER", f"<section id='disqus_thread'><div><p>{NOTE}</p></div></section>"),
        ("AFTER", "<div class='teasers'><h3><a href='/x'>Update: storm reaches the coast tonight</a></h3></div>"),
        ("AFTER", f"<nav><p>{NOTE}</p></nav>"),
        ("AFTER", f"<article class='card'><p>{NOTE}</p></article>"),
        ("AFTER", "<p><a href='/corrections'>Corrections and clarifications: see our policy</a></p>"),
    ],
)
def test_stamps_readers_and_teasers_are_no_notices(place: str, markup: str) -> None:
    assert notices(put(place, markup)) == []
    assert normalize(put(place, markup), URL) == normalize(HARBOUR, URL)


def test_no_paragraph_of_an_article_is_taken_for_a_note() -> None:
    said = (
        "Updated figures show that 3,000 people visit the pier every day in summer.",
        "Corrections officers at the county jail said they had not been told.",
        "The correction came a day after the paper had named the wrong man.",
        "Clarification is needed, the court held, on what counts as a harbour.",
    )
    html = put("END", "".join(f"<p>{text}</p>" for text in said))
    assert notices(html) == []
    assert [block.text for block in normalize(html, URL).blocks][-4:] == list(said)


WIDER = [
    f"<dl><dt>Correction</dt><dd>{SAYS}</dd></dl>",
    f"<table><tr><td>{NOTE}</td></tr></table>",
    f"<table><tr><td><b>Correction</b></td></tr><tr><td>{SAYS}</td></tr></table>",
    f"<div><span>Correction</span><p>{SAYS}</p></div>",
    f"<div><span class='l'>Correction:</span> {SAYS}</div>",
    f"<section><h2>Correction</h2><p>{SAYS}</p></section>",
    f"<aside><h3>Correction</h3><div><p>{SAYS}</p></div></aside>",
    f"<aside><strong>Correction</strong><p>{SAYS}</p></aside>",
    f"<ul><li>{NOTE}</li></ul>",
    f"<blockquote class='correction'><p>{NOTE}</p></blockquote>",
    f"<div role='note'><p>{NOTE}</p></div>",
    f"<div class='x1'><div class='x2'><div class='x3'><p><i>{NOTE}</i></p></div></div></div>",
    f"<details open><summary>Correction</summary><p>{SAYS}</p></details>",
    f"<p><b><i>Correction</i></b><b>:</b> {SAYS}</p>",
    f"<p><span>CORRECTION</span>: {SAYS}</p>",
    f"<h5>{NOTE}</h5>",
    f"<center><font size='2'>{NOTE}</font></center>",
    f"<mark>{NOTE}</mark>",
]


@pytest.mark.parametrize("place", ["TOP", "MIDDLE", "END", "AFTER"])
@pytest.mark.parametrize("markup", WIDER)
def test_a_note_is_kept_in_any_markup_at_any_place(place: str, markup: str) -> None:
    html = put(place, markup)
    wanted = NOTE.replace("Correction", "CORRECTION") if "CORRECTION" in markup else NOTE
    assert [block.text for block in notices(html)] == [wanted]
    rest = [block for block in normalize(html, URL).blocks if block.kind is not BlockKind.NOTICE]
    assert rest == list(normalize(HARBOUR, URL).blocks)


def test_a_note_in_the_caption_of_the_lead_picture_is_read_once() -> None:
    figure = f"<figure><img src='/p.jpg' alt='The pier'><figcaption>{NOTE}</figcaption></figure>"
    body = "".join(f"<p>The harbour board said on Monday that {count} pillars are rusty.</p>" for count in (9, 11))
    page = f"<article><h1>The old pier</h1>{figure}<div class='story-body'>{body}</div></article>"
    assert [block.text for block in notices(page)] == [NOTE]


@pytest.mark.parametrize("place", ["END", "AFTER"])
def test_notes_in_elements_of_one_line_do_not_run_together(place: str) -> None:
    html = put(place, f"<footer><p>Topics: <a href='/t'>Piers</a></p><small>{NOTE}</small><em>{UPDATE}</em></footer>")
    assert [block.text for block in notices(html)] == [NOTE, UPDATE]


def test_several_notes_each_in_an_element_of_its_own_are_so_many_notices() -> None:
    other = "Clarification: The pier is closed to walkers only."
    for markup in (
        f"<aside><p>{NOTE}</p></aside><aside><p>{other}</p></aside><p>{UPDATE}</p>",
        f"<div class='corrections'><p>{NOTE}</p><p>{other}</p><p>{UPDATE}</p></div>",
        f"<h4>Correction</h4><p>{SAYS}</p><h4>Clarification</h4><p>{other.partition(': ')[2]}</p><p>{UPDATE}</p>",
        f"<p>{NOTE}<br><br>{other}<br><br>{UPDATE}</p>",
    ):
        for place in ("END", "AFTER"):
            assert [block.text for block in notices(put(place, markup))] == [NOTE, other, UPDATE]


@pytest.mark.parametrize(
    ("place", "markup"),
    [
        ("AFTER", f"<div class='related-stories'><p>{NOTE}</p></div>"),
        ("AFTER", f"<aside class='most-read'><ul><li><a href='/x'>{NOTE}</a></li></ul></aside>"),
        ("AFTER", f"<ol class='commentlist'><li><div>{NOTE}</div></li></ol>"),
        ("AFTER", f"<div class='newsletter'><p>{NOTE}</p></div>"),
        ("AFTER", "<p>Posted 3 hours ago. Updated 5 minutes ago</p>"),
        ("MIDDLE", "<p>Updated: 2 hours ago</p>"),
        ("TOP", "<p>Last updated on 5 March 2024 at 15:13 GMT</p>"),
    ],
)
def test_what_others_say_and_stamps_are_no_notices_anywhere(place: str, markup: str) -> None:
    assert notices(put(place, markup)) == []


def test_a_post_from_elsewhere_is_quoted_and_no_notice() -> None:
    post = (
        f"<blockquote class='twitter-tweet'><p>{NOTE}</p>— Ann <a href='https://x.com/ann/1'>5 March</a></blockquote>"
    )
    blocks = normalize(put("MIDDLE", post), URL).blocks
    assert [block.kind for block in blocks if NOTE in block.text] == [BlockKind.EMBED]


ORDINARY = {
    "en": (
        "Update on the weather: rain is expected until Friday.",
        "Correction officers said they had not been told of the visit.",
        "Clarification of the law was sought by both sides.",
        "Developing countries will get half of the money, the minister said.",
        "The update to the phone's system brings a new camera app and fixes forty faults.",
        "Note: let the dough rest for an hour before you roll it out.",
        "Editors of three newspapers signed the letter, which was read out on Monday.",
        "Updated figures show that fewer people take the ferry.",
        "An earlier version of the bill would have banned the pier outright.",
        "This story begins in 1953, when the pier was built.",
        "Retraction of the wings takes nine seconds, the engineers said.",
        "The correction of the river took forty years.",
        "For the record, he has never been to sea.",
        "Editor’s choice awards went to four small papers this year.",
        "Update your boat papers by May, the harbour office told owners.",
        "A correction in the housing market is likely, two banks said.",
        "Corrections to the map were made by hand.",
        "“This article was removed from the constitution in 1971,” she said.",
    ),
    "de": (
        "Update für das Telefon: Der Hersteller verteilt die neue Fassung seit Montag.",
        "Korrektur der Flugbahn gelungen, meldete die Raumfahrtbehörde.",
        "Aktualisierte Zahlen zeigen, dass weniger Menschen die Fähre nehmen.",
        "Die Korrektur am Aktienmarkt kam nicht überraschend, sagte die Bank.",
        "Eine frühere Fassung des Gesetzes sah höhere Strafen vor.",
        "Der Hinweis der Redaktion auf den Termin kam zu spät, klagte der Verein.",
        "Richtigstellung verlangt der Bürgermeister nun vor Gericht.",
        "Hinweis: Den Teig vor dem Ausrollen eine Stunde ruhen lassen.",
        "Dieser Artikel der Verfassung wurde 1971 gestrichen.",
    ),
    "fr": (
        "Mise à jour du système : le fabricant diffuse la nouvelle version depuis lundi.",
        "La correction des copies prendra deux semaines, selon le rectorat.",
        "Une version précédente de la loi prévoyait des peines plus lourdes.",
        "Précision importante pour les randonneurs, le pont reste fermé le dimanche.",
        "Les chiffres mis à jour montrent que le bac perd des voyageurs.",
        "Rectifier le tir, voilà ce que demande le conseil.",
        "Note : laissez reposer la pâte une heure avant de l'étaler.",
        "Cet article de la constitution a été supprimé en 1971.",
    ),
    "es": (
        "La actualización del sistema llega desde el lunes a todos los teléfonos.",
        "Corrección de la bolsa: los bancos la esperaban desde hacía meses.",
        "Una versión anterior de la ley preveía penas más altas.",
        "Las cifras actualizadas muestran que menos gente toma el transbordador.",
        "Rectificar es de sabios, dijo la alcaldesa.",
        "Nota: deje reposar la masa una hora antes de estirarla.",
        "Este artículo de la constitución fue suprimido en 1971.",
    ),
    "pt": (
        "A atualização do sistema chega desde segunda-feira a todos os telefones.",
        "Uma versão anterior da lei previa penas mais altas.",
        "Os números atualizados mostram que menos gente toma a barca.",
        "Correção de rota: o prefeito desistiu da obra.",
        "Nota: deixe a massa descansar uma hora antes de abrir.",
        "Este artigo da constituição foi retirado em 1971.",
    ),
    "it": (
        "L'aggiornamento del sistema arriva da lunedì su tutti i telefoni.",
        "Una versione precedente della legge prevedeva pene più alte.",
        "I dati aggiornati mostrano che meno gente prende il traghetto.",
        "Rettifica delle liste, il sindaco chiede più tempo.",
        "Nota: lasciate riposare l'impasto un'ora prima di stenderlo.",
        "Questo articolo della costituzione è stato abolito nel 1971.",
    ),
    "nl": (
        "De update van het systeem komt vanaf maandag op alle telefoons.",
        "Een eerdere versie van de wet had hogere straffen.",
        "Nieuwe cijfers laten zien dat minder mensen de pont nemen.",
        "Correctie op de beurs komt niet onverwacht, zei de bank.",
        "Let op: laat het deeg een uur rusten voor je het uitrolt.",
        "Dit artikel van de grondwet is in 1971 geschrapt.",
    ),
}


@pytest.mark.parametrize("language", sorted(ORDINARY))
@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_ordinary_sentences_are_paragraphs_in_every_language(language: str, place: str) -> None:
    html = (LANGUAGES / f"{language if language != 'en' else 'de'}-2.html").read_text(encoding="utf-8")
    said = "".join(f"<p>{line}</p>" for line in ORDINARY[language])
    html = html.replace('lang="de"', f'lang="{language}"')
    if place == "first":
        html = html.replace('<div class="w2">', f'<div class="w2">{said}')
    elif place == "middle":
        html = html.replace("<h3>", f"{said}<h3>", 1)
    else:
        at = html.index('</div>\n<div class="w3">')
        html = html[:at] + said + html[at:]
    kinds = {block.text: block.kind for block in normalize(html, "https://paper.example/story").blocks}
    assert [line for line in ORDINARY[language] if kinds.get(line) is not BlockKind.PARAGRAPH] == []


def test_a_label_before_a_line_break_is_set_apart_and_the_links_of_its_sentence_move_along() -> None:
    (note,) = notices(put("END", "<p>Correction<br>The flood <a href='/1953'>was in 1953</a>, not in 1935.</p>"))
    assert note.text == "Correction: The flood was in 1953, not in 1935."
    assert [note.text[link.start : link.end] for link in note.links] == ["was in 1953"]


def test_a_row_of_a_paragraph_that_opens_as_a_note_is_a_note() -> None:
    last = "Nobody <a href='/w'>walks</a> on it.<br>The pier is old.<br>"
    html = put(
        "END", f"<p>{last}<em>Correction: The flood <a href='/1953'>was in 1953</a>.</em><br>Update<br>{SAYS}</p>"
    )
    assert [note.text for note in notices(html)] == ["Correction: The flood was in 1953.", f"Update: {SAYS}"]
    (link,) = notices(html)[0].links
    assert notices(html)[0].text[link.start : link.end] == "was in 1953"
    assert "Nobody walks on it. The pier is old." in [block.text for block in normalize(html, URL).blocks]


@pytest.mark.parametrize(
    "markup",
    [
        "<p>Update<br>5 minutes ago</p>",
        "<p>Correction<br></p>",
        "<p><br>Rust<br>everywhere.<br></p>",
        "<blockquote>He wrote:<br>Correction: It is not so.</blockquote>",
    ],
)
def test_a_line_break_alone_makes_no_note(markup: str) -> None:
    assert notices(put("END", markup)) == []


def test_the_last_row_of_a_table_can_be_a_note() -> None:
    table = f"<table><tr><td>1953<td>3 dead<tr><td>1962<td>Nobody<tr><td colspan=2>{NOTE}</table>"
    assert [note.text for note in notices(put("MIDDLE", table))] == [NOTE]


@pytest.mark.parametrize(
    "markup",
    [
        f"<div class='byline'>By Jane Doe <p class='correction'>{NOTE}</p></div>",
        f"<div class='byline'>By Jane Doe</div><div class='author-box'><p>{NOTE}</p></div>",
        f"<div class='dek'><p>Rust was found in the pillars.</p><p>{NOTE}</p></div>",
        f"<p class='dek'>{NOTE}</p>",
        f"<h2>{NOTE}</h2>",
    ],
)
def test_a_note_beside_the_headline_is_no_part_of_the_dek_and_no_name(markup: str) -> None:
    text = "<p>The board has closed the pier, for rust was found in eleven of its pillars.</p>" * 3
    document = normalize(f"<h1>Pier closes</h1>{markup}{text}")
    assert document.byline in (None, "", "By Jane Doe")
    assert document.dek in (None, "", "Rust was found in the pillars.")
    assert [block.text for block in document.blocks if block.kind is BlockKind.NOTICE] == [NOTE]


@pytest.mark.parametrize(
    "markup",
    [
        "<div itemprop='comment' itemscope><p>{}</p></div>",
        "<div itemscope itemtype='https://schema.org/Comment'><div><p>{}</p></div></div>",
        "<div role='comment'><p>{}</p></div>",
    ],
)
@pytest.mark.parametrize("place", ["END", "AFTER"])
def test_what_a_page_marks_as_a_readers_comment_is_no_note(place: str, markup: str) -> None:
    html = put(place, markup.format(NOTE))
    assert notices(html) == []
    assert NOTE not in [block.text for block in normalize(html, URL).blocks]


@pytest.mark.parametrize(
    ("paragraph", "texts"),
    [
        (f"The pier reopens in May. [{NOTE}]", ["The pier reopens in May.", f"[{NOTE}]"]),
        (f"“It will hold.” ({SAYS})", ["“It will hold.”", f"({SAYS})"]),
        (f"[{NOTE}] The pier reopens in May.", [f"[{NOTE}]", "The pier reopens in May."]),
        (f"The pier reopens in May. <em>{NOTE}</em>", ["The pier reopens in May.", NOTE]),
        (f"“It will hold.” <b>Correction:</b> {SAYS}", ["“It will hold.”", NOTE]),
        (
            "(Corrects year in paragraph 3) The pier reopens in May.",
            ["(Corrects year in paragraph 3)", "The pier reopens in May."],
        ),
        (
            "The pier reopens. (This article, published [in print] on Monday, was amended to correct the year.)",
            ["The pier reopens.", "(This article, published [in print] on Monday, was amended to correct the year.)"],
        ),
    ],
)
def test_a_note_beside_a_paragraphs_sentences_is_one(paragraph: str, texts: list[str]) -> None:
    html = put("MIDDLE", f"<p>{paragraph}</p>")
    blocks = [block for block in normalize(html, URL).blocks if block.text in texts]
    assert [block.text for block in blocks] == texts
    assert [block.kind is BlockKind.NOTICE for block in blocks] == [
        text.startswith(("[", "(", "Correction")) for text in texts
    ]


@pytest.mark.parametrize(
    "paragraph",
    [
        "The pier reopens in May. (The board meets on Tuesdays.)",
        "The pier (an earlier version of this article gave another name) reopens in May.",
        "(Quillmouth) The board closed the pier.",
        "The board met on Monday (updated figures were sent out).",
        "He is a rich man. Correction: he was a rich man.",
        "The pier opens at noon. Update: three boats are in.",
        "The board had two aims. Corrections: more guards, and a new wing.",
    ],
)
def test_other_text_stays_in_its_paragraph(paragraph: str) -> None:
    html = put("MIDDLE", f"<p>{paragraph}</p>")
    assert not notices(html)
    assert paragraph in [block.text for block in normalize(html, URL).blocks]


def test_links_stay_where_a_note_in_brackets_is_cut_off() -> None:
    html = put("MIDDLE", f"<p>The <a href='/pier'>pier</a> reopens. [{NOTE} <a href='/more'>More</a>.]</p>")
    cut = [block for block in normalize(html, URL).blocks if block.text.startswith(("The pier reopens", "[Correction"))]
    assert [[block.text[link.start : link.end] for link in block.links] for block in cut] == [["pier"], ["More"]]


@pytest.mark.parametrize("note", ["Correction appended", "Correction appended, June 4, 2019"])
def test_a_note_that_there_is_one_takes_no_sentence_of_the_story(note: str) -> None:
    html = put("TOP", f"<p>{note}</p>")
    assert [block.text for block in notices(html)] == [note]
