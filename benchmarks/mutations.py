"""Changes to a page whose right answer is known: furniture that must not show, notes and edits that must show exactly.

Every mutation takes the tree of a page, the siblings that are its paragraphs, and a seeded random source; it changes
the tree in place. Two vocabularies that share no promotion's wording and no class name: "known" is the one that rules
may be written against, "held-out" the one that they may not. A third kind says what "known" says in other languages,
for pages of our own in those languages.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from lxml import html

Element: TypeAlias = html.HtmlElement


@dataclass
class Subject:
    """A page that is about to be changed. `paragraphs` are siblings in the article's body."""

    root: Element
    paragraphs: list[Element]
    random: random.Random
    words: Vocabulary

    @property
    def body(self) -> Element:
        parent = self.paragraphs[0].getparent()
        assert parent is not None
        return parent

    @property
    def page(self) -> Element:
        found = self.root.find("body")
        assert found is not None
        return found

    def middle(self) -> Element:
        return self.paragraphs[len(self.paragraphs) // 2]


@dataclass(frozen=True)
class Vocabulary:
    """Class names and wordings of furniture."""

    ad: str
    related: str
    newsletter: str
    share: str
    stamp: str
    comments: str
    popular: str
    cookies: str
    meter: str
    promo: tuple[str, ...]
    read_more: tuple[str, ...]
    meter_text: tuple[str, ...]
    box: tuple[str, ...]
    titles: tuple[str, ...]
    ad_text: tuple[str, str] = ("Buy a boat today, pay in the spring", "New roofs at last year's price")
    ad_label: tuple[str, str] = ("Advertisement", "Continue reading the main story")
    heads: tuple[str, str, str] = ("Related", "Comments", "Most read")
    button: str = "Go"
    shares: str = "shares"
    updated: tuple[str, str] = ("Updated 5 minutes ago", "Updated 2 hours ago")
    ago: tuple[str, str] = ("5 minutes ago", "2 hours ago")
    comment: str = "I walk past it every day and I doubt it very much."
    cookie_text: tuple[str, str] = (
        "We use cookies to make this site work. By continuing you accept our cookie policy.",
        "Accept",
    )
    label: str = "Correction"
    says: str = "An earlier version of this article misstated the year of the flood. It was 1953, not 1935."
    update: str = "UPDATE 3:13 PM: This story has been updated to include a statement from the harbour board."
    vague: str = "(This story has been updated.)"
    inserted: tuple[str, str, str] = (
        "A spokesman for the board said that nobody had been asked to leave.",
        "The Pentagon denied it.",
        "What happens now",
    )

    @property
    def note(self) -> str:
        """A correction, label and all."""
        return f"{self.label}: {self.says}"


KNOWN = Vocabulary(
    ad="ad-slot", related="related-articles", newsletter="newsletter-signup", share="share-count", stamp="timestamp",
    comments="comments", popular="most-read", cookies="cookie-banner", meter="meter-bar",
    promo=(
        "Sign up for our daily newsletter to get the day's top stories in your inbox.",
        "Subscribe to our morning newsletter for the news you need, delivered free every weekday.",
    ),
    read_more=("READ MORE: The long road to a new bridge", "Related: What the harbour report leaves out"),
    meter_text=("You have 3 free articles left this month.", "You have 1 free article left this month."),
    box=("Get the news first", "Our best stories, sent to your inbox every morning.", "Your email address"),
    titles=(
        "Harbour board delays vote on ferry fares", "Five questions about the new tax on parking",
        "How the orchard fire spread in an hour", "Rail workers accept offer after night of talks",
        "The quiet end of a village school", "Museum returns carved door to its owners",
    ),
)  # fmt: skip
HELD_OUT = Vocabulary(
    ad="zq7", related="k3-row", newsletter="b19x", share="m-77", stamp="u4z", comments="thread-comments",
    popular="h8-list", cookies="c-note", meter="w2",
    promo=(
        "Our evening letter brings you the one story worth your time. Put your name down.",
        "Hear the people behind this report on our weekly show, wherever you find your shows.",
    ),
    read_more=("More on this: Why the lake keeps rising", "Don't miss: A winter among the lighthouse keepers"),
    meter_text=("Two more pieces this month are on us.", "One more piece this month is on us."),
    box=("A letter worth opening", "Leave us a line and we will write to you.", "name@host"),
    titles=(
        "Glass workers return to the old furnace", "A map of every well in the valley",
        "Night trains are back, and so are the queues", "What remains of the salt road",
        "The choir that sings in four languages", "Storm barrier closes for the ninth time",
    ),
)  # fmt: skip
VOCABULARIES = {"known": KNOWN, "held-out": HELD_OUT}


def _spoken(**words: object) -> Vocabulary:
    """The known class names with another language's words."""
    return replace(KNOWN, **words)  # type: ignore[arg-type]  # the fields are spelled out by the callers


GERMAN = _spoken(
    promo=(
        "Melden Sie sich zu unserem Newsletter an und haben Sie die wichtigsten Themen des Tages im Postfach.",
        "Unser Newsletter bringt Ihnen jeden Morgen kostenlos das Wichtigste: jetzt abonnieren.",
    ),
    read_more=("LESEN SIE AUCH: Der lange Weg zur neuen Brücke", "Mehr zum Thema: Was im Bericht über den Hafen fehlt"),
    meter_text=(
        "Sie haben diesen Monat noch 3 kostenlose Artikel.",
        "Sie haben diesen Monat noch einen kostenlosen Artikel.",
    ),
    box=("Die Nachrichten zuerst", "Unsere besten Geschichten, jeden Morgen im Postfach.", "Ihre E-Mail-Adresse"),
    titles=(
        "Hafenamt verschiebt die Abstimmung",
        "Fünf Fragen zur neuen Parksteuer",
        "Wie das Feuer sich ausbreitete",
        "Bahner nehmen Angebot an",
        "Das stille Ende einer Dorfschule",
        "Museum gibt Tür zurück",
    ),
    ad_text=("Heute ein Boot kaufen, im Frühjahr zahlen", "Neue Dächer zum Preis vom Vorjahr"),
    ad_label=("Anzeige", "Weiter nach der Anzeige"),
    heads=("Mehr zum Thema", "Kommentare", "Meistgelesen"),
    button="Los",
    shares="mal geteilt",
    updated=("Aktualisiert vor 5 Minuten", "Aktualisiert vor 2 Stunden"),
    ago=("vor 5 Minuten", "vor 2 Stunden"),
    comment="Ich gehe jeden Tag daran vorbei und glaube kein Wort davon.",
    cookie_text=(
        "Wir verwenden Cookies, damit diese Seite funktioniert. Mit der weiteren Nutzung stimmen Sie dem zu.",
        "Zustimmen",
    ),
    label="Korrektur",
    says="In einer früheren Version dieses Artikels war das Jahr der Flut falsch angegeben. Es war 1953, nicht 1935.",
    update="Update, 15:13 Uhr: Dieser Artikel wurde um eine Stellungnahme des Hafenamts ergänzt.",
    vague="(Dieser Artikel wurde aktualisiert.)",
    inserted=(
        "Ein Sprecher des Amts sagte, dass niemand zum Gehen aufgefordert worden sei.",
        "Das Ministerium bestritt das.",
        "Wie es weitergeht",
    ),
)
FRENCH = _spoken(
    promo=(
        "Inscrivez-vous à notre newsletter pour recevoir chaque jour l'essentiel dans votre boîte mail.",
        "Abonnez-vous à la lettre d'information du matin : l'actualité utile, gratuitement.",
    ),
    read_more=(
        "LIRE AUSSI : Le long chemin vers un nouveau pont",
        "À lire aussi : Ce que le rapport sur le port ne dit pas",
    ),
    meter_text=(
        "Il vous reste 3 articles gratuits à lire ce mois-ci.",
        "Il vous reste un article gratuit à lire ce mois-ci.",
    ),
    box=("L'actualité d'abord", "Nos meilleurs récits, chaque matin dans votre boîte mail.", "Votre adresse e-mail"),
    titles=(
        "Le port reporte le vote",
        "Cinq questions sur la taxe de stationnement",
        "Comment le feu s'est propagé",
        "Les cheminots acceptent l'offre",
        "La fin discrète d'une école",
        "Le musée rend une porte",
    ),
    ad_text=("Achetez un bateau, payez au printemps", "Des toits neufs au prix de l'an dernier"),
    ad_label=("Publicité", "La suite après cette publicité"),
    heads=("À lire aussi", "Commentaires", "Les plus lus"),
    button="OK",
    shares="partages",
    updated=("Mis à jour il y a 5 minutes", "Mis à jour il y a 2 heures"),
    ago=("il y a 5 minutes", "il y a 2 heures"),
    comment="J'y passe tous les jours et je n'en crois pas un mot.",
    cookie_text=(
        "Nous utilisons des cookies pour que ce site fonctionne. En continuant, vous les acceptez.",
        "Accepter",
    ),
    label="Correction",
    says="Une version précédente de cet article donnait une date fausse pour la crue : c'était en 1953, non en 1935.",
    update="Mise à jour, 15h13 : cet article a été complété avec une déclaration du port.",
    vague="(Cet article a été mis à jour.)",
    inserted=(
        "Un porte-parole du port a dit que personne n'avait été prié de partir.",
        "Le ministère a démenti.",
        "Ce qui va se passer",
    ),
)
SPANISH = _spoken(
    promo=(
        "Suscríbete a nuestra newsletter y recibe cada día las noticias más importantes en tu correo.",
        "Apúntate al boletín de la mañana: las noticias que necesitas, gratis cada día.",
    ),
    read_more=(
        "LEA TAMBIÉN: El largo camino hacia un nuevo puente",
        "Te puede interesar: Lo que calla el informe del puerto",
    ),
    meter_text=("Te quedan 3 artículos gratis este mes.", "Te queda un artículo gratis este mes."),
    box=("Las noticias primero", "Nuestras mejores historias, cada mañana en tu correo.", "Tu correo electrónico"),
    titles=(
        "El puerto aplaza la votación",
        "Cinco preguntas sobre la nueva tasa",
        "Cómo se extendió el fuego",
        "Los ferroviarios aceptan la oferta",
        "El final callado de una escuela",
        "El museo devuelve una puerta",
    ),
    ad_text=("Compra hoy un barco y paga en primavera", "Tejados nuevos al precio del año pasado"),
    ad_label=("Publicidad", "Continúe leyendo después de la publicidad"),
    heads=("Noticias relacionadas", "Comentarios", "Lo más leído"),
    button="Ir",
    shares="veces compartido",
    updated=("Actualizado hace 5 minutos", "Actualizado hace 2 horas"),
    ago=("hace 5 minutos", "hace 2 horas"),
    comment="Paso por allí cada día y no me creo una palabra.",
    cookie_text=("Utilizamos cookies para que este sitio funcione. Si continúas, aceptas nuestra política.", "Aceptar"),
    label="Corrección",
    says="Una versión anterior de este artículo indicaba mal el año de la riada. Fue en 1953, no en 1935.",
    update="Actualización, 15:13: Este artículo se ha actualizado para incluir una declaración del puerto.",
    vague="(Este artículo ha sido actualizado.)",
    inserted=(
        "Un portavoz del puerto dijo que a nadie se le había pedido que se marchara.",
        "El ministerio lo negó.",
        "Qué pasará ahora",
    ),
)
PORTUGUESE = _spoken(
    promo=(
        "Assine a nossa newsletter e receba todo dia as notícias mais importantes no seu e-mail.",
        "Inscreva-se no boletim da manhã: as notícias de que você precisa, grátis todo dia.",
    ),
    read_more=("LEIA TAMBÉM: O longo caminho até uma nova ponte", "Veja também: O que falta no relatório do porto"),
    meter_text=("Restam 3 artigos gratuitos neste mês.", "Resta um artigo gratuito neste mês."),
    box=("As notícias primeiro", "As nossas melhores histórias, toda manhã no seu e-mail.", "Seu endereço de e-mail"),
    titles=(
        "Porto adia a votação",
        "Cinco perguntas sobre a nova taxa",
        "Como o fogo se espalhou",
        "Ferroviários aceitam a oferta",
        "O fim calado de uma escola",
        "Museu devolve uma porta",
    ),
    ad_text=("Compre hoje um barco e pague na primavera", "Telhados novos pelo preço do ano passado"),
    ad_label=("Publicidade", "Continua depois da publicidade"),
    heads=("Leia também", "Comentários", "Mais lidas"),
    button="Ir",
    shares="compartilhamentos",
    updated=("Atualizado há 5 minutos", "Atualizado há 2 horas"),
    ago=("há 5 minutos", "há 2 horas"),
    comment="Passo por lá todo dia e não acredito em uma palavra.",
    cookie_text=(
        "Utilizamos cookies para que este site funcione. Ao continuar, você aceita a nossa política de cookies.",
        "Aceitar",
    ),
    label="Correção",
    says="Uma versão anterior deste artigo informava errado o ano da enchente. Foi em 1953, e não em 1935.",
    update="Atualização, 15h13: Este artigo foi atualizado para incluir uma declaração do porto.",
    vague="(Este artigo foi atualizado.)",
    inserted=(
        "Um porta-voz do porto disse que a ninguém foi pedido que saísse.",
        "O ministério negou.",
        "O que acontece agora",
    ),
)
ITALIAN = _spoken(
    promo=(
        "Iscriviti alla nostra newsletter e ricevi ogni giorno le notizie più importanti nella tua casella.",
        "Ricevi ogni mattina la newsletter con le notizie che contano, gratis.",
    ),
    read_more=(
        "LEGGI ANCHE: La lunga strada verso un nuovo ponte",
        "Per approfondire: Quello che il rapporto sul porto tace",
    ),
    meter_text=("Ti restano 3 articoli gratuiti questo mese.", "Ti resta un articolo gratuito questo mese."),
    box=("Prima le notizie", "Le nostre storie migliori, ogni mattina nella tua casella.", "La tua e-mail"),
    titles=(
        "Il porto rinvia il voto",
        "Cinque domande sulla nuova tassa",
        "Come si è diffuso il fuoco",
        "I ferrovieri accettano l'offerta",
        "La fine quieta di una scuola",
        "Il museo restituisce una porta",
    ),
    ad_text=("Compra oggi una barca e paga in primavera", "Tetti nuovi al prezzo dell'anno scorso"),
    ad_label=("Pubblicità", "Continua a leggere dopo la pubblicità"),
    heads=("Leggi anche", "Commenti", "I più letti"),
    button="Vai",
    shares="condivisioni",
    updated=("Aggiornato 5 minuti fa", "Aggiornato 2 ore fa"),
    ago=("5 minuti fa", "2 ore fa"),
    comment="Ci passo ogni giorno e non credo a una parola.",
    cookie_text=("Utilizziamo i cookie per far funzionare questo sito. Continuando accetti i cookie.", "Accetta"),
    label="Correzione",
    says="Una versione precedente di questo articolo indicava un anno sbagliato: era il 1953, non il 1935.",
    update="Aggiornamento, ore 15:13: Questo articolo è stato aggiornato con una dichiarazione del porto.",
    vague="(Questo articolo è stato aggiornato.)",
    inserted=(
        "Un portavoce del porto ha detto che a nessuno è stato chiesto di andarsene.",
        "Il ministero ha smentito.",
        "Che cosa succede ora",
    ),
)
DUTCH = _spoken(
    promo=(
        "Meld je aan voor onze nieuwsbrief en ontvang elke dag het belangrijkste nieuws in je mailbox.",
        "Schrijf je in voor de nieuwsbrief van de ochtend: het nieuws dat je nodig hebt, elke dag gratis.",
    ),
    read_more=(
        "LEES OOK: De lange weg naar een nieuwe brug",
        "Lees meer: Wat er in het rapport over de haven ontbreekt",
    ),
    meter_text=("Je hebt deze maand nog 3 gratis artikelen.", "Je hebt deze maand nog één gratis artikel."),
    box=("Het nieuws als eerste", "Onze beste verhalen, elke ochtend in je mailbox.", "Je e-mailadres"),
    titles=(
        "Haven stelt stemming uit",
        "Vijf vragen over de parkeerbelasting",
        "Hoe het vuur zich verspreidde",
        "Spoorlieden nemen bod aan",
        "Het stille einde van een school",
        "Museum geeft deur terug",
    ),
    ad_text=("Koop vandaag een boot en betaal in het voorjaar", "Nieuwe daken voor de prijs van vorig jaar"),
    ad_label=("Advertentie", "Artikel gaat verder onder de advertentie"),
    heads=("Lees ook", "Reacties", "Meest gelezen"),
    button="Ga",
    shares="keer gedeeld",
    updated=("Bijgewerkt: 5 minuten geleden", "Bijgewerkt: 2 uur geleden"),
    ago=("5 minuten geleden", "2 uur geleden"),
    comment="Ik kom er elke dag langs en geloof er geen woord van.",
    cookie_text=(
        "Wij gebruiken cookies om deze site te laten werken. Door verder te gaan ga je akkoord met cookies.",
        "Akkoord",
    ),
    label="Correctie",
    says="In een eerdere versie van dit artikel stond een verkeerd jaar voor de overstroming. Het was 1953, niet 1935.",
    update="Update, 15.13 uur: Dit artikel is aangevuld met een verklaring van de haven.",
    vague="(Dit artikel is bijgewerkt.)",
    inserted=(
        "Een woordvoerder van de haven zei dat niemand was gevraagd om te vertrekken.",
        "Het ministerie ontkende dat.",
        "Wat er nu gebeurt",
    ),
)
LANGUAGES = {"de": GERMAN, "fr": FRENCH, "es": SPANISH, "pt": PORTUGUESE, "it": ITALIAN, "nl": DUTCH}


def element(markup: str) -> Element:
    """One element from its markup."""
    found = html.fragment_fromstring(markup)
    assert isinstance(found, html.HtmlElement)
    return found


def after(anchor: Element, new: Element) -> None:
    """Put an element behind another; the text that follows the other stays behind both."""
    new.tail, anchor.tail = anchor.tail, None
    anchor.addnext(new)


def _list(titles: Sequence[str]) -> str:
    return "<ul>" + "".join(f'<li><a href="/s/{at}">{title}</a></li>' for at, title in enumerate(titles)) + "</ul>"


# --- furniture: the words of the article stay the same -------------------------------------------------------


def ad_block(page: Subject, turn: int) -> None:
    if turn:
        after(
            page.middle(),
            element(f'<div class="{page.words.ad}"><a href="/ad">{page.words.ad_text[0]}</a></div>'),
        )


def ad_rotates(page: Subject, turn: int) -> None:
    after(page.middle(), element(f'<div class="{page.words.ad}"><a href="/ad">{page.words.ad_text[turn]}</a></div>'))


def ad_label(page: Subject, turn: int) -> None:
    if turn:
        label, goes_on = page.words.ad_label
        link = f'<a href="#after">{goes_on}</a>'
        after(page.middle(), element(f'<div class="css-1x2y"><p>{label}</p><p>{link}</p></div>'))


def related_appears(page: Subject, turn: int) -> None:
    if turn:
        box = (
            f'<aside class="{page.words.related}"><h3>{page.words.heads[0]}</h3>{_list(page.words.titles[:3])}</aside>'
        )
        after(page.middle(), element(box))


def related_rotates(page: Subject, turn: int) -> None:
    titles = page.words.titles[:3] if turn else page.words.titles[3:]
    after(
        page.middle(),
        element(f'<aside class="{page.words.related}"><h3>{page.words.heads[0]}</h3>{_list(titles)}</aside>'),
    )


def read_more_appears(page: Subject, turn: int) -> None:
    if turn:
        after(page.middle(), element(f'<p><a href="/m">{page.words.read_more[0]}</a></p>'))


def read_more_rotates(page: Subject, turn: int) -> None:
    label, title = page.words.read_more[turn].split(": ")
    label = label.rstrip()
    after(page.middle(), element(f'<p><strong>{label}:</strong> <a href="/m{turn}">{title}</a></p>'))


def newsletter_box(page: Subject, turn: int) -> None:
    if turn:
        first, second, field_label = page.words.box
        box = (
            f'<div class="{page.words.newsletter}"><h4>{first}</h4><p>{second}</p>'
            f'<form><label>{field_label}</label><input type="email"><button>{page.words.button}</button></form></div>'
        )
        after(page.middle(), element(box))


def newsletter_line(page: Subject, turn: int) -> None:
    if turn:
        after(page.middle(), element(f"<p><em>{page.words.promo[0]}</em></p>"))


def share_count(page: Subject, turn: int) -> None:
    page.body.addprevious(
        element(f'<div class="{page.words.share}"><span>{(12, 418)[turn]}</span> {page.words.shares}</div>')
    )


def attributes(page: Subject, turn: int) -> None:
    for place, each in enumerate(page.paragraphs):
        each.set("data-nonce", f"{page.random.random() if turn else 0}")
        each.set("class", f"css-{place * 7919 + turn * 104729:x}")


_BLOCKS = ("div", "section", "article", "main", "header", "footer", "nav", "ul", "ol", "table", "tbody", "tr", "figure")


def minified(page: Subject, turn: int) -> None:
    if turn:
        for each in page.page.iter():
            if each.tag in _BLOCKS:  # between inline elements a space is text
                each.text = each.text if each.text and each.text.strip() else None


def relative_time(page: Subject, turn: int) -> None:
    page.body.insert(0, element(f'<div class="{page.words.stamp}">{page.words.updated[turn]}</div>'))


def relative_time_plain(page: Subject, turn: int) -> None:
    page.body.insert(0, element(f"<p>{page.words.ago[turn]}</p>"))


def comments_grow(page: Subject, turn: int) -> None:
    said = "".join(
        f'<div class="comment"><b>Reader {at}</b><p>{page.words.comment}</p></div>' for at in range((2, 14)[turn])
    )
    page.body.addnext(element(f'<section class="{page.words.comments}"><h3>{page.words.heads[1]}</h3>{said}</section>'))


def popular_rotates(page: Subject, turn: int) -> None:
    titles = page.words.titles[:4] if turn else page.words.titles[2:]
    page.page.append(element(f'<div class="{page.words.popular}"><h3>{page.words.heads[2]}</h3>{_list(titles)}</div>'))


def cookie_bar(page: Subject, turn: int) -> None:
    if turn:
        text, button = page.words.cookie_text
        page.page.insert(0, element(f'<div class="{page.words.cookies}"><p>{text}</p><button>{button}</button></div>'))


def meter_top(page: Subject, turn: int) -> None:
    page.page.insert(0, element(f'<div class="{page.words.meter}"><p>{page.words.meter_text[turn]}</p></div>'))


def meter_last(page: Subject, turn: int) -> None:
    after(page.paragraphs[-1], element(f"<p>{page.words.meter_text[turn]}</p>"))


FURNITURE: dict[str, Callable[[Subject, int], None]] = {
    "ad appears": ad_block,
    "ad rotates": ad_rotates,
    "ad label, hashed classes": ad_label,
    "related list appears": related_appears,
    "related list rotates": related_rotates,
    "read more appears": read_more_appears,
    "read more rotates": read_more_rotates,
    "newsletter box": newsletter_box,
    "newsletter line in <p><em>": newsletter_line,
    "share count": share_count,
    "class hashes and nonces": attributes,
    "minified": minified,
    "relative time": relative_time,
    "relative time in <p>": relative_time_plain,
    "comments grow": comments_grow,
    "most read rotates": popular_rotates,
    "cookie bar": cookie_bar,
    "meter at the top": meter_top,
    "meter after the text": meter_last,
}

# --- notes: exactly one more notice --------------------------------------------------------------------------


@dataclass(frozen=True)
class Note:
    """A way to set a note: its text as a reader sees it, and what puts it there."""

    text: str
    put: Callable[[Subject], None]


def _last(markup: str) -> Callable[[Subject], None]:
    return lambda page: after(page.paragraphs[-1], element(markup))


def _first(markup: str) -> Callable[[Subject], None]:
    return lambda page: page.paragraphs[0].addprevious(element(markup))


def _middle(markup: str) -> Callable[[Subject], None]:
    return lambda page: after(page.middle(), element(markup))


def _outside(markup: str) -> Callable[[Subject], None]:
    return lambda page: page.body.addnext(element(markup))


def notes(words: Vocabulary) -> dict[str, Note]:
    """The markups, with the note that each of them sets."""
    note, says, update, vague = words.note, words.says, words.update, words.vague
    return {
        "p": Note(note, _last(f"<p>{note}</p>")),
        "p em": Note(note, _last(f"<p><em>{note}</em></p>")),
        "p strong label": Note(note, _last(f"<p><strong>{words.label}:</strong> {says}</p>")),
        "p.correction i": Note(note, _last(f'<p class="correction"><i>{note}</i></p>')),
        "small": Note(note, _last(f"<small>{note}</small>")),
        "div.editor-note p": Note(note, _last(f'<div class="editor-note"><p>{note}</p></div>')),
        "div.editor-note p, top": Note(note, _first(f'<div class="editor-note"><p>{note}</p></div>')),
        "bare text in div": Note(note, _last(f"<div>{note}</div>")),
        "aside.correction": Note(note, _last(f'<aside class="correction"><p>{note}</p></aside>')),
        "aside, middle": Note(update, _middle(f"<aside><p>{update}</p></aside>")),
        "footer.article-footer": Note(note, _last(f'<footer class="article-footer"><p>{note}</p></footer>')),
        "em without p": Note(note, _last(f"<em>{note}</em>")),
        "label and sentence after the body": Note(
            note, _outside(f'<div class="css-9k"><h4>{words.label}</h4><p>{says}</p></div>')
        ),
        "p after the body": Note(note, _outside(f"<p>{note}</p>")),
        "vague, in brackets": Note(vague, _last(f"<p>{vague}</p>")),
        "update line": Note(update, _last(f"<p>{update}</p>")),
    }


# --- edits: exactly this and nothing else --------------------------------------------------------------------


@dataclass(frozen=True)
class Expected:
    """Texts of blocks that must go and come; an empty pair for a moved paragraph (the order is compared)."""

    gone: tuple[str, ...] = ()
    come: tuple[str, ...] = ()


def _text(each: Element) -> str:
    return " ".join("".join(each.itertext()).split())


def _insert(markup: str) -> Callable[[Subject], Expected]:
    def put(page: Subject) -> Expected:
        new = element(markup.format(*page.words.inserted))
        after(page.middle(), new)
        texts = [_text(each) for each in new.iter("li")] or [_text(new)]
        return Expected(come=tuple(texts))

    return put


def _word(page: Subject) -> Expected:
    target = next(each for each in page.paragraphs if not len(each) and " the " in (each.text or ""))
    old = _text(target)
    target.text = (target.text or "").replace(" the ", " this ", 1)
    return Expected((old,), (_text(target),))


def _delete(page: Subject) -> Expected:
    target = next(each for each in page.paragraphs[len(page.paragraphs) // 2 :] if each.find(".//img") is None)
    old = _text(target)  # a picture in it would go, too
    target.drop_tree()
    return Expected(gone=(old,))


def _swap(page: Subject) -> Expected:
    first, second = page.paragraphs[1], page.paragraphs[2]
    tail = first.tail
    parent = page.body
    parent.remove(first)
    first.tail = tail
    second.addnext(first)
    return Expected()


def _headline(page: Subject) -> Expected:
    headings = list(page.root.iter("h1"))
    if len(headings) != 1:
        raise StopIteration  # which of them is the headline is for the reader to say
    old = _text(headings[0])
    if not old:
        raise StopIteration  # the site's emblem
    for child in list(headings[0]):
        headings[0].remove(child)
    headings[0].text = old + ", officials say"
    return Expected((old,), (headings[0].text,))


EDITS: dict[str, Callable[[Subject], Expected]] = {
    "paragraph inserted": _insert("<p>{0}</p>"),
    "short paragraph inserted": _insert("<p>{1}</p>"),
    "heading inserted": _insert("<h2>{2}</h2>"),
    "list inserted": _insert(
        "<ul><li>The pier closes on Monday at noon.</li><li>The ferry runs every hour until then.</li></ul>"
    ),
    "quotation inserted": _insert("<blockquote>We were told of this only after the doors had been shut.</blockquote>"),
    "paragraph of two links": _insert(
        '<p><a href="/a">The full report of the board</a> and <a href="/b">the answer of the town</a></p>'
    ),
    "word replaced": _word,
    "paragraph deleted": _delete,
    "paragraphs swapped": _swap,
    "headline changed": _headline,
}

# --- templates: no paragraph may be lost ---------------------------------------------------------------------


def to_div(page: Subject) -> None:
    for each in page.paragraphs:
        each.tag = "div"
        each.set("class", "paragraph")


def wrapped(page: Subject) -> None:
    for each in page.paragraphs:
        box = element("<div></div>")
        box.tail, each.tail = each.tail, None
        parent = each.getparent()
        assert parent is not None
        parent.replace(each, box)
        box.append(each)


def split(page: Subject) -> None:
    body = page.body
    half = page.middle()
    boxes = [element('<div class="part"></div>'), element('<div class="part"></div>')]
    into = boxes[0]
    for each in list(body):
        if each is half:
            into = boxes[1]
        into.append(each)
    body.extend(boxes)


def thirty_comments(page: Subject) -> None:
    said = "".join(
        '<li class="comment"><p>'
        + "I read this twice, and I still do not see why the board should have the last word on it. " * 4
        + "</p></li>"
        for _ in range(30)
    )
    page.body.addnext(element(f'<ol class="{page.words.comments}">{said}</ol>'))


TEMPLATES: dict[str, Callable[[Subject], None]] = {
    "p -> div": to_div,
    "each p wrapped": wrapped,
    "body split in two": split,
    "30 long comments": thirty_comments,
}


def stub(page: Subject) -> tuple[str, ...]:
    """The usual first version of breaking news: two paragraphs are left. Returns the texts that are gone."""
    gone = tuple(_text(each) for each in page.paragraphs[2:])
    for each in page.paragraphs[2:]:
        each.drop_tree()
    return gone
