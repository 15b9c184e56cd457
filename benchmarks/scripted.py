"""Scripted pairs with a known truth: articles edited by a script that remembers each character it touched.

The English articles are those of the measuring data beside the checkout; where there is none, and for other
languages, texts of our own are put together from sentences in ever new order.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tracker.model import Block, BlockKind, Document
from tracker.text.sentences import sentences
from tracker.text.tokens import is_spaceless

TRUTH = Path(__file__).parents[1].parent / "shared" / "data" / "extraction" / "ground-truth.json"

# Sentences of our own, one a line.
_SENTENCES = {
    "en": """
The harbour board met for five hours on Tuesday.
It ended without a vote, and three members left early.
“We were told the figures would be ready,” said Ines Marlow, who has sat on the board since 2009.
They were not.
Dredging has cost the town 4.2 million crowns so far.
That is twice what the contract allows.
The contractor, Brandt & Sons, says that the sea bed was harder than anyone had known.
Fishermen see it otherwise.
Boats have had to wait outside for the tide since March, and 31 of them have moved to the next port.
Few are expected to come back.
A survey in 2017 had found rock at four metres.
It was filed, and nobody on the board remembers having read it.
Its author retired two years later and now lives abroad.
The mayor has promised an inquiry.
He did not say who would lead it.
A first report is due in the autumn, long after the election.
Until then the gate stays open for eight hours a day.
The pilots asked for twelve.
Their union has called the offer a joke, though talks go on.
""",
    "de": """
Der Hafenrat tagte am Dienstag fünf Stunden lang.
Er ging ohne Abstimmung auseinander, und drei Mitglieder verließen den Saal früher.
„Uns wurde gesagt, die Zahlen lägen bis Montag vor“, sagte Ines Marlow, die seit 2009 dem Rat angehört.
Das war nicht der Fall.
Das Ausbaggern hat die Stadt bisher 4,2 Millionen Kronen gekostet.
Das ist doppelt so viel, wie der Vertrag mit der Firma Brandt erlaubt.
Der Unternehmer erklärt, der Meeresboden sei härter als irgendjemand gewusst habe.
Die Fischer sehen das anders und verlangen eine Entschädigung.
Ihre Boote müssen seit März draußen auf die Flut warten.
31 von ihnen sind inzwischen in den Nachbarhafen umgezogen.
Kaum jemand rechnet damit, dass sie zurückkommen werden.
Eine Untersuchung hatte schon 2017 Felsen in vier Metern Tiefe gefunden.
Sie wurde abgelegt, und niemand im Rat erinnert sich, sie gelesen zu haben.
Der Verfasser ging zwei Jahre später in den Ruhestand und lebt heute im Ausland.
Der Bürgermeister hat eine Untersuchung versprochen.
Wer sie leiten soll, sagte er nicht.
Ein erster Bericht wird im Herbst erwartet, lange nach der Wahl.
Bis dahin bleibt das Tor acht Stunden am Tag geöffnet.
Die Lotsen hatten zwölf Stunden verlangt.
Ihre Gewerkschaft nannte das Angebot einen Witz, verhandelt aber weiter.
Am Kai stehen seit Wochen leere Lagerhallen.
Die Reederei Nordlicht prüft einen Umzug nach Süden.
Im Rathaus hofft man auf Geld aus der Hauptstadt.
Eine Antwort des Ministeriums steht noch aus.
""",
    "zh": """
港务委员会星期二开了五个小时的会。
会议没有表决就结束了，三名委员提前离开。
“他们告诉我们数字会准备好的，”马洛说，她从2009年起就在委员会任职。
事实并非如此。
疏浚工程到目前为止已经花费城市420万元。
这是合同所允许金额的两倍。
承包商解释说，海底比任何人预料的都要坚硬。
渔民的看法完全不同。
从三月起渔船只能在港外等待涨潮。
其中31艘已经搬到邻近的港口。
很少有人相信它们还会回来。
2017年的一次调查曾在四米深处发现岩石。
报告被存档，委员会里没有人记得读过它。
作者两年后退休，现在住在国外。
市长已经承诺进行调查。
他没有说明由谁来领导。
第一份报告预计秋天公布，远在选举之后。
在那之前，闸门每天开放八个小时。
领航员要求的是十二个小时。
他们的工会称这一提议是笑话，但谈判仍在继续。
码头上的仓库已经空了好几个星期。
一家航运公司正在考虑迁往南方。
市政厅希望从首都得到资金。
部门方面至今没有答复。
""",
    "ar": """
اجتمع مجلس الميناء يوم الثلاثاء خمس ساعات كاملة.
وانتهى الاجتماع من دون تصويت وغادر ثلاثة أعضاء مبكرا.
وقالت إيناس مارلو إن الأرقام لم تكن جاهزة كما وعدوا.
كلف تعميق الحوض المدينة حتى الآن 420 مليون دينار.
وهذا ضعف ما يسمح به العقد مع الشركة.
يقول المقاول إن قاع البحر أصلب مما كان يعرفه الجميع.
أما الصيادون فلهم رأي آخر ويطالبون بتعويضات.
تنتظر قواربهم خارج الميناء منذ شهر مارس.
وانتقل 31 منها إلى الميناء المجاور.
ولا يتوقع أحد أن تعود قبل نهاية العام.
وجد مسح أجري عام 2017 صخورا على عمق أربعة أمتار.
وحفظ التقرير ولا يتذكر أحد في المجلس أنه قرأه.
تقاعد كاتبه بعد عامين ويعيش الآن في الخارج.
وعد رئيس البلدية بإجراء تحقيق شامل.
لكنه لم يذكر من سيقود هذا التحقيق.
ومن المقرر نشر تقرير أول في الخريف بعد الانتخابات.
وحتى ذلك الحين تفتح البوابة 8 ساعات في اليوم.
وكان المرشدون قد طلبوا 12 ساعة.
ووصفت نقابتهم العرض بأنه نكتة لكن المفاوضات مستمرة.
المخازن على الرصيف فارغة منذ أسابيع.
وتدرس شركة ملاحة الانتقال إلى الجنوب.
وتأمل البلدية في الحصول على أموال من العاصمة.
ولم تصل بعد أي إجابة من الوزارة.
""",
}
LANGUAGES = tuple(_SENTENCES)


@dataclass
class Scripted:
    """Paragraphs as lists of (text, mark): "" untouched, "-" deleted, "+" inserted; moved ones are known by number."""

    old: list[list[tuple[str, str]]] = field(default_factory=list)
    new: list[list[tuple[str, str]]] = field(default_factory=list)
    moved: list[tuple[int, int]] = field(default_factory=list)  # place in old, place in new
    acts: list[str] = field(default_factory=list)
    language: str = "en"

    def documents(self) -> tuple[Document, Document]:
        return document_of(self.old, self.language), document_of(self.new, self.language)

    def marks(self) -> tuple[str, str]:
        """One mark a character of each side's joined text; "m" for moved."""
        old_moved, new_moved = {a for a, _ in self.moved}, {b for _, b in self.moved}
        return _marks(self.old, old_moved), _marks(self.new, new_moved)


def document_of(paragraphs: Iterable[list[tuple[str, str]]], language: str = "en") -> Document:
    """The paragraphs as a document."""
    texts = ("".join(text for text, _ in pieces) for pieces in paragraphs)
    return Document(tuple(Block(BlockKind.PARAGRAPH, text) for text in texts), language=language)


def _marks(paragraphs: Iterable[list[tuple[str, str]]], moved: set[int]) -> str:
    rows = [
        "".join((mark or ("m" if place in moved else " ")) * len(text) for text, mark in pieces)
        for place, pieces in enumerate(paragraphs)
    ]
    return "  ".join(rows)


def joined(document: Document) -> str:
    return "\n\n".join(block.text for block in document.blocks)


Article = tuple[list[str], list[str]]  # its paragraphs, and some that are not in it


def articles(language: str = "en") -> list[Article]:
    """Articles to edit: real ones where there are some."""
    if language != "en" or not TRUTH.exists():
        chance = random.Random(0)  # noqa: S311 - scripted edits, no secret
        return [_own(language, chance) for _ in range(20)]
    bodies = [entry["articleBody"] for entry in json.loads(TRUTH.read_text()).values()]
    split = [[part.strip() for part in body.split("\n\n") if part.strip()] for body in bodies]
    found = [parts for parts in split if len(parts) >= 8 and 250 <= sum(len(p.split()) for p in parts) <= 2500]
    everything = [part for parts in found for part in parts]
    return [(parts, [part for part in everything if part not in parts]) for parts in found]


def _own(language: str, chance: random.Random) -> Article:
    """Paragraphs of two sentences each, and three that are left out."""
    lines = _SENTENCES[language].strip().split("\n")
    chance.shuffle(lines)
    parts = [_space(language).join(lines[at : at + 2]) for at in range(0, len(lines), 2)]
    return parts[:-3], parts[-3:]


def _space(language: str) -> str:
    return "" if language == "zh" else " "


def scripted_pairs(pool: list[Article], count: int, chance: random.Random, language: str = "en") -> list[Scripted]:
    """Pairs of two to five edits, each in a paragraph of its own."""
    chosen = (pool[number % len(pool)] for number in range(count))
    return [scripted(*article, chance, chance.randint(2, 5), language) for article in chosen]


def scripted(parts: list[str], others: list[str], chance: random.Random, count: int, language: str = "en") -> Scripted:
    """One pair with some edits, each in a paragraph of its own."""
    old: list[list[tuple[str, str]]] = [[(text, "")] for text in parts]
    new: list[list[tuple[str, str]] | None] = [[(text, "")] for text in parts]
    extra: dict[int, list[list[tuple[str, str]]]] = {}
    breaks: dict[int, int] = {}
    glued: set[int] = set()
    moves: dict[int, int] = {}
    acts = []
    free = set(range(len(parts)))
    for _ in range(count):
        act = chance.choices(list(ACTS), weights=list(ACTS.values()))[0]
        place = chance.choice(sorted(free)) if free else None
        if place is None:
            break
        text = parts[place]
        pieces = sentences(text, language)
        if act in {"word", "name", "number", "quote", "sentence in", "sentence out"}:
            edited = _edited(act, text, pieces, others, chance, language)
            if not edited:
                continue
            old[place], new[place] = edited
        elif act == "paragraph in":
            extra[place] = [[(chance.choice(others), "+")] for _ in range(chance.randint(1, 2))]
        elif act == "paragraph out":
            old[place], new[place] = [(text, "-")], None
        elif act == "split" and len(pieces) > 1:
            breaks[place] = len("".join(pieces[: chance.randint(1, len(pieces) - 1)]).rstrip())
        elif act == "merge" and {place, place + 1} <= free:
            glued.add(place)
            free.discard(place + 1)
        elif act == "move" and not moves:
            target = chance.choice([at for at in range(len(parts)) if abs(at - place) >= 3] or [place])
            between = range(min(place, target), max(place, target) + 1)
            jumped = sum(len(parts[at]) for at in between if at != place)
            if target == place or jumped < 2 * len(text) or not set(between) <= free or len(_words(text, language)) < 3:
                continue
            moves[place] = target
            free -= {place - 1, target - 1, target, target + 1}
        else:
            continue
        free.discard(place)
        acts.append(act)
    return _assembled(old, new, extra, breaks, glued, moves, Scripted(old=old, acts=acts, language=language))


ACTS = {"word": 15, "name": 7, "number": 5, "quote": 5, "sentence in": 6, "sentence out": 6, "paragraph in": 7}
ACTS |= {"paragraph out": 2, "split": 6, "merge": 7, "move": 9}

_Pieces = list[tuple[str, str]]


def _edited(
    act: str, text: str, pieces: tuple[str, ...], others: list[str], chance: random.Random, language: str
) -> tuple[_Pieces, _Pieces] | None:
    words = _words(text, language)
    if act == "sentence in":
        sentence = chance.choice([one.strip() for one in sentences(chance.choice(others), language)])
        at = chance.randint(0, len(pieces))
        head, tail = "".join(pieces[:at]), "".join(pieces[at:])
        space = _space(language) if head and not head[-1].isspace() else ""
        put = sentence + (_space(language) if tail else "")
        return [(text, "")], [(head, ""), (space, ""), (put, "+"), (tail, "")]
    if act == "sentence out":
        if len(pieces) < 2:
            return None
        at = chance.randrange(len(pieces))
        head, gone, tail = "".join(pieces[:at]), pieces[at], "".join(pieces[at + 1 :])
        kept = [(head, ""), (tail, "")] if tail else [(head.rstrip(), "")]
        return [(head, ""), (gone, "-"), (tail, "")], kept
    run = 3 if act == "quote" else 1
    fits = [at for at in range(len(words) - run + 1) if _fits(act, words[at].group())]
    if not fits:
        return None
    at = chance.choice(fits)
    start, end = words[at].start(), words[at + run - 1].end()
    gone = text[start:end]
    put = _put(act, gone, run, others, chance, language)
    letters = (set(put), set(gone)) if language == "zh" else (set(put.split()), set(gone.split()))
    if put == gone or letters[0] & letters[1]:
        return None
    return [(text[:start], ""), (gone, "-"), (text[end:], "")], [(text[:start], ""), (put, "+"), (text[end:], "")]


def _words(text: str, language: str) -> list[re.Match[str]]:
    """The words of a text; where no spaces are written, every two characters will do for one."""
    return list(re.finditer(r"[\u4e00-\u9fff]{2}|\d+" if language == "zh" else r"\w[\w'’.,]*\w|\w", text))


def _fits(act: str, word: str) -> bool:
    if act == "name":
        return word.isalpha() and word[0].isupper() and len(word) >= 5
    if act == "number":
        return word.isdecimal()
    return word.isalpha() and (act == "quote" or len(word) >= 3 or is_spaceless(word))


def _put(act: str, gone: str, run: int, others: list[str], chance: random.Random, language: str) -> str:
    if act == "name":
        at = chance.randrange(1, len(gone) - 2)
        return gone[:at] + gone[at + 1] + gone[at] + gone[at + 2 :]
    if act == "number":
        return str(int(gone) + chance.randint(1, 9) if len(gone) < 15 else 7)
    found = [word.group() for other in chance.sample(others, 3) for word in _words(other, language)]
    words = [word for word in found if word.isalpha() and len(word) > 1]
    return _space(language).join(chance.choice(words) for _ in range(run)) if words else gone


def _assembled(
    old: list[_Pieces],
    new: Sequence[_Pieces | None],
    extra: dict[int, list[_Pieces]],
    breaks: dict[int, int],
    glued: set[int],
    moves: dict[int, int],
    pair: Scripted,
) -> Scripted:
    order = [place for place in range(len(old)) if place not in moves]
    for place, target in moves.items():
        order.insert(order.index(target) + (place < target), place)
    glue = False
    for place in order:
        pieces = new[place]
        if pieces is None:
            continue
        if place in breaks:
            text = pieces[0][0]
            pair.new += [[(text[: breaks[place]], "")], [(text[breaks[place] :].lstrip(), "")]]
        elif glue:
            pair.new[-1] += [(_space(pair.language), ""), *pieces]
        else:
            pair.new.append(pieces)
        glue = place in glued
        if place in moves:
            pair.moved.append((place, len(pair.new) - 1))
        pair.new += extra.get(place, [])
    return pair
