"""How right labels, `silent` and claims are, on scripted edits with and without a matching notice.

    python benchmarks/meaning.py [--pairs N] [--misses] [--set working|held-out]

The texts are the English ground truth of ../shared/data/extraction (measuring only). Each pair gets one to four edits
of known kind and place; a notice is written for some of them, from working sets of wordings (which the rules were
tuned on; 2, 3 and 4 were held out until they had been looked at once) and from a held-out set (which they were not).
Prints precision and recall per label, of `silent`, and the F1 of claims and changes. Deterministic: the same numbers
at every run.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tracker.annotate import annotate
from tracker.diff import diff
from tracker.model import Block, BlockKind, Change, Disclosure, Document, Label, Placement, Report

DATA = Path(__file__).parents[1].parent / "shared" / "data" / "extraction" / "ground-truth.json"
STOP = re.compile(
    r"\b(?:the|a|an|of|in|on|at|to|for|and|or|but|is|are|was|were|be|it|that|this|with|as|by|from)\b", re.IGNORECASE
)
NUMBER = re.compile(r"(?<![\w$£€.,/-])(\d{1,3}(?:,\d{3})+|[2-9]|[1-9]\d{1,2})(?= [a-z]{4,} [a-z]{2,})(?! (?:a|p)\.?m)")
WEEKDAY = re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b")
YEAR = re.compile(r"(?<=\bin )(?:19|20)\d\d\b")
NAME = re.compile(r"(?<=[a-z,] )([A-Z][a-z]{4,}) ([A-Z][a-z]{4,})\b(?! [A-Z])")
QUOTE = re.compile(r"“([^“”\"]{30,200})”")
VERB = re.compile(r"(?<=[a-z] )(is|was|were|will|are|has)(?= (?:[a-z]{4,}))")
SAID = re.compile(r"(?<=[a-z,”\"] )(said)(?= [A-Za-z]{3,})|(?<=[a-z] )(said)(?=[,.])")
ANSWERS = (
    '"We reject these findings and have seen no proof of them," a spokeswoman for {org} said in a statement.',
    "A spokesman for {org} said in an email that the group would look into the matter.",
    "In a statement, {org} said it was reviewing its rules and would publish the outcome.",
)
DENIALS = (
    "{org} denied the allegations on Thursday.",
    "A lawyer for {org} called the account false.",
    "{org} said the report was untrue.",
    "{org} has denied any wrongdoing.",
)
ORGS = ("Halvorsen Freight", "the Brackwater Trust", "Ostrava Labs", "the Lindqvist Foundation", "Merrow Shipping")


@dataclass(frozen=True)
class Edit:
    """One scripted edit: `label` is what it is, `block` where it stands in the new text (the old one if removed)."""

    label: Label
    block: int
    old: str
    new: str
    about: str
    removed: bool = False


# --- wordings: working set, then held-out set ----------------------------------------------------------------------

WORDINGS: dict[str, dict[Label, tuple[str, ...]]] = {
    "working": {
        Label.NUMBER_CHANGED: (
            "An earlier version of this article misstated the number of {about}. It is {new}, not {old}.",
            "Correction: This story has been corrected to show that there were {new} {about}, not {old}.",
            "Correction: A previous version of this story misstated the number of {about}.",
            "CORRECTION: Corrects number of {about} to {new}, instead of {old}",
            "An earlier version of this article said {old} {about}; it is {new}.",
        ),
        Label.DATE_CHANGED: (
            "Correction: An earlier version of this article misstated a date. It was {new}, not {old}.",
            "This story has been corrected to show that it was {new}, not {old}.",
            "(This story has been refiled to correct date)",
        ),
        Label.NAME_CHANGED: (
            "Correction: An earlier version of this article misspelled the name of {about}.",
            "An earlier version of this article misspelled the surname of {about}. It is {new}, not {old}.",
            "This article was amended on 3 May 2019 to correct the spelling of {about}'s name.",
        ),
        Label.QUOTE_CHANGED: (
            'An earlier version of this article misquoted a remark. The word was "{new}", not "{old}".',
            "Correction: This story has been corrected to fix a quotation about {about}.",
        ),
        Label.OTHER: (
            "This article was amended on 29 December 2016 to remove a sentence about {about}.",
            "Editor's note: This story was updated to remove a reference to {about}.",
        ),
        Label.RESPONSE_ADDED: (
            "UPDATE 3:13 PM: This story has been updated to include a statement from {org}.",
            "This story has been updated with comment from {org}.",
            "Update, 4:45 p.m. ET: This article was updated to add a response from {org}.",
        ),
        Label.DENIAL_ADDED: (
            "UPDATE: This story has been updated to include a denial from {org}.",
            "This article has been updated to note that {org} denied the claims.",
        ),
        Label.HEADLINE_CHANGED: ("The headline of this article has been changed to make clear what was found.",),
    },
    "working-2": {
        Label.NUMBER_CHANGED: (
            "Due to an editing error, this piece originally gave the wrong figure for {about}: the right one is {new}.",
            "Correction, May 3: The number of {about} was {new} rather than {old}, as we first wrote.",
            "This post was corrected on Monday. It previously stated that there were {old} {about}.",
            "We have amended this article, which originally referred to {old} {about}.",
            "(Fixes number of {about} in paragraph 4)",
        ),
        Label.DATE_CHANGED: (
            "Correction: The event was on {new}; we originally said {old}.",
            "This piece originally gave the wrong date. It should have said {new}.",
            "Clarification: An earlier version of this report placed this on {old} rather than {new}.",
        ),
        Label.NAME_CHANGED: (
            "We originally misspelled {about}'s name. We regret the error.",
            "Because of an editing error, an earlier version of this article rendered the name of {about} as {old}.",
            "FOR THE RECORD: The last name of {about} was spelled {old} in the first version of this post.",
        ),
        Label.QUOTE_CHANGED: (
            'Correction: A quotation in this story has been revised; the speaker said "{new}" and not "{old}".',
            'An earlier version of this post contained a wrong word, "{old}", in a quotation.',
        ),
        Label.OTHER: (
            "Correction: A passage on {about} has been deleted because it could not be verified.",
            "We have removed from this article a sentence that dealt with {about}.",
        ),
        Label.RESPONSE_ADDED: (
            "Update at 6 p.m.: Adds a statement by {org}.",
            "This piece was revised after publication to incorporate {org}'s reply.",
            "Update, 9 May: After this story was published, {org} sent a statement, which has been added.",
        ),
        Label.DENIAL_ADDED: (
            "[Update: {org} has since disputed this; its denial was added above.]",
            "Update (5:10 p.m.): Adds denial by {org}.",
        ),
        Label.HEADLINE_CHANGED: ("Correction: An earlier headline on this article overstated the findings.",),
    },
    "working-3": {
        Label.NUMBER_CHANGED: (
            "A previous version of this article incorrectly said there were {old} {about}. There were {new}.",
            "Correction at 9:10 a.m.: the story has been changed to say {new} {about}, not {old}.",
            "This report has been corrected; it had overstated the number of {about}.",
            "CLARIFICATION: The figure of {old} {about} was out of date. The current figure is {new}.",
        ),
        Label.DATE_CHANGED: (
            "Correction: This happened on {new}. A previous version of the story gave {old}.",
            "This post has been edited to fix the date, which is {new}.",
            "An earlier version of this piece misstated when this took place.",
        ),
        Label.NAME_CHANGED: (
            "Editor's note: An earlier version of this story gave the wrong spelling for {about}.",
            "This article has been corrected: it is {about}, and not {old}.",
            "A typo in the name of {about} has been fixed.",
        ),
        Label.QUOTE_CHANGED: (
            'This article was amended to correct a quote in which "{new}" had become "{old}".',
            'Correction: We misquoted a source. He said "{new}".',
        ),
        Label.OTHER: (
            "An earlier version of this article contained a claim about {about}, which we have taken out.",
            "This story was corrected on Friday to delete an unsupported statement on {about}.",
        ),
        Label.RESPONSE_ADDED: (
            "This story was updated at 5:45 p.m. to reflect a response from {org}.",
            "UPDATED, 7:12 p.m.: Includes comment from {org}.",
            "Editor's note: A statement from {org} was added after publication.",
        ),
        Label.DENIAL_ADDED: (
            "Update: This article now includes {org}'s denial.",
            "This story has been updated to say that {org} disputes the account.",
        ),
        Label.HEADLINE_CHANGED: (
            "We have changed the headline of this story, which was misleading.",
            "An earlier version of this story carried a different headline.",
        ),
    },
    "working-4": {
        Label.NUMBER_CHANGED: (
            "Correction: In an earlier version, the number of {about} was given as {old}. It should have been {new}.",
            "This article has been amended. It had {old} {about} where there were {new}.",
            "Fixed on May 4: we had the wrong number of {about}.",
            "Correction (11:02 a.m.): {new} {about}, not {old} as originally reported.",
        ),
        Label.DATE_CHANGED: (
            "The day was {new}, not {old}; an earlier version of this article was wrong.",
            "Correction: We had the wrong date in this story.",
            "This article has been updated to correct when it happened: {new}.",
        ),
        Label.NAME_CHANGED: (
            "Correction: The name is spelled {new}, not {old}.",
            "The original version of this story had the name {about} spelled incorrectly.",
            "This piece was edited to correct a misspelling of {about}.",
        ),
        Label.QUOTE_CHANGED: (
            'Correction: A word was wrong in a quote. It is "{new}".',
            'This article was corrected because a quotation read "{old}" instead of "{new}".',
        ),
        Label.OTHER: (
            "References to {about} were cut from this article after publication.",
            "Correction: This article has been amended to withdraw what it said of {about}.",
        ),
        Label.RESPONSE_ADDED: (
            "Update, Tuesday: {org} replied after this story ran; we have added the reply.",
            "This story has been updated with {org}'s response.",
            "Clarification: This article was updated to reflect that {org} has issued a statement.",
        ),
        Label.DENIAL_ADDED: (
            "Update: {org} has denied the account, and the story has been updated to say so.",
            "This article was updated to add that {org} calls the account false.",
        ),
        Label.HEADLINE_CHANGED: (
            "Note: The headline on this article has been revised.",
            "Clarification: This story's headline has been updated to better reflect its contents.",
        ),
    },
    "held-out": {
        Label.NUMBER_CHANGED: (
            "Correction: Due to a production error, we reported {old} {about}. The actual figure is {new}.",
            "CORRECTION: Corrects number of {about} to {new} from {old}.",
            "This report has been corrected: there were {new} {about}, rather than {old}.",
            "A previous version of this article overstated or understated the number of {about}.",
        ),
        Label.DATE_CHANGED: (
            "Correction: This happened on {new}. We originally wrote {old}.",
            "An earlier version of this report gave the wrong day; it was {new}.",
        ),
        Label.NAME_CHANGED: (
            "Correction: We misspelled a name. The correct spelling is {new}.",
            "Editor's note: An earlier version gave the name as {old}; it is {new}.",
        ),
        Label.QUOTE_CHANGED: (
            'Correction: We misquoted a speaker. The words were: "{new}".',
            "An earlier version of this article contained a transcription error in a quotation.",
        ),
        Label.OTHER: (
            "Editor's note: A passage about {about} has been taken out of this article.",
            "This story was amended to delete a sentence concerning {about}.",
        ),
        Label.RESPONSE_ADDED: (
            "UPDATE 4:40 p.m.: Adds response from {org}.",
            "Updated to include remarks that {org} provided after publication.",
        ),
        Label.DENIAL_ADDED: (
            "UPDATE: {org} rejected the allegations after this article appeared; its denial has been added.",
            "This article has been updated with a denial by {org}.",
        ),
        Label.HEADLINE_CHANGED: (
            "The headline of this story was changed after publication.",
            "Correction: An earlier headline on this article was inaccurate.",
        ),
    },
}
VAGUE = (
    "This story has been updated.",
    "This article has been updated with additional information.",
    "This story has been updated throughout.",
)


# --- edits ----------------------------------------------------------------------------------------------------------


def about(text: str, start: int, count: int = 2) -> str:
    """The next words after a place, without marks."""
    return " ".join(re.findall(r"[\w'-]+", text[start:])[:count])


def edit_number(rng: random.Random, text: str) -> tuple[str, str, str, str] | None:
    match = unquoted(NUMBER, text)
    if not match or re.search(r"[A-Z][a-z.]+ $", text[: match.start()]):  # the day of a date
        return None
    value = int(match.group().replace(",", ""))
    other = f"{value + rng.choice([1, 2, 3, 7, 11]):,}"
    return text[: match.start()] + other + text[match.end() :], match.group(), other, about(text, match.end())


def edit_date(rng: random.Random, text: str) -> tuple[str, str, str, str] | None:
    match = unquoted(WEEKDAY, text)
    if match:
        other = rng.choice([d for d in ("Monday", "Tuesday", "Thursday", "Friday") if d != match.group()])
    else:
        match = unquoted(YEAR, text)
        if not match:
            return None
        other = str(int(match.group()) - rng.choice([1, 2, 4]))
    return text[: match.start()] + other + text[match.end() :], match.group(), other, about(text, match.end())


def edit_name(rng: random.Random, text: str) -> tuple[str, str, str, str] | None:
    match = unquoted(NAME, text)
    if not match:
        return None
    name = match[2]
    place = rng.randrange(1, len(name) - 2)
    wrong = name[:place] + rng.choice("aeiou") + name[place:]
    return text[: match.start(2)] + wrong + text[match.end(2) :], name, wrong, match.group()


def edit_quote(rng: random.Random, text: str) -> tuple[str, str, str, str] | None:
    match = QUOTE.search(text)
    found = list(re.finditer(r"\b[a-z]{5,}\b", match[1])) if match else []
    if not match or len(found) < 3:
        return None
    word = found[1]
    other = rng.choice([w for w in ("terrible", "splendid", "ordinary", "reckless") if w != word.group()])
    start, end = match.start(1) + word.start(), match.start(1) + word.end()
    return text[:start] + other + text[end:], word.group(), other, about(text, end)


def unquoted(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The first match outside quotation marks: what stands inside is a quotation's words."""
    quotes = [match.span() for match in re.finditer(r"[“\"][^“”\"]*(?:[”\"]|$)", text)]
    return next((m for m in pattern.finditer(text) if not any(a <= m.start() < b for a, b in quotes)), None)


def edit_negation(_: random.Random, text: str) -> tuple[str, str, str, str] | None:
    match = unquoted(VERB, text)
    return (text[: match.end()] + " not" + text[match.end() :], "", "not", "") if match else None


def edit_hedge(rng: random.Random, text: str) -> tuple[str, str, str, str] | None:
    match = unquoted(VERB, text)
    word = rng.choice(["reportedly", "apparently", "allegedly"])
    return (text[: match.end()] + f" {word}" + text[match.end() :], "", word, "") if match else None


def edit_verb(_: random.Random, text: str) -> tuple[str, str, str, str] | None:
    match = unquoted(SAID, text)
    return (text[: match.start()] + "claimed" + text[match.end() :], "said", "claimed", "") if match else None


EDITORS: dict[Label, Callable[[random.Random, str], tuple[str, str, str, str] | None]] = {
    Label.NUMBER_CHANGED: edit_number,
    Label.DATE_CHANGED: edit_date,
    Label.NAME_CHANGED: edit_name,
    Label.QUOTE_CHANGED: edit_quote,
    Label.NEGATION_CHANGED: edit_negation,
    Label.HEDGE_ADDED: edit_hedge,
    Label.ATTRIBUTION_CHANGED: edit_verb,
}


@dataclass(frozen=True)
class Pair:
    before: Document
    after: Document
    edits: tuple[Edit, ...]
    told: frozenset[int]  # places in `edits`
    vague: bool
    notes: tuple[str, ...]


def scripted(rng: random.Random, paragraphs: list[str], wordings: dict[Label, tuple[str, ...]]) -> Pair | None:
    """One pair: the old text is the true one with edits made backwards, so that the new one holds the right values."""
    old, new = list(paragraphs), list(paragraphs)
    org = rng.choice(ORGS)
    edits: list[Edit] = []
    free = list(range(2, len(paragraphs)))
    rng.shuffle(free)
    kinds = [*EDITORS, Label.OTHER]
    rng.shuffle(kinds)
    for kind in kinds[: rng.choice([1, 2, 2, 3, 4])]:
        for place in list(free):
            made = removal(rng, new[place]) if kind is Label.OTHER else EDITORS[kind](rng, new[place])
            if made is None:
                continue
            free.remove(place)
            if kind in (Label.OTHER, Label.NEGATION_CHANGED, Label.HEDGE_ADDED, Label.ATTRIBUTION_CHANGED):
                new[place] = made[0]
                edits.append(Edit(kind, place, made[1], made[2], made[3], removed=kind is Label.OTHER))
            else:
                old[place] = made[0]
                edits.append(Edit(kind, place, made[2], made[1], made[3]))
            break
    headline = "What the new inquiry into the matter found"
    headlines = (headline, headline)
    if rng.random() < 0.15:
        headlines = ("Inquiry reveals a scandal", headline)
        edits.append(Edit(Label.HEADLINE_CHANGED, -1, "", "", ""))
    if rng.random() < 0.4:
        kind = rng.choice([Label.RESPONSE_ADDED, Label.DENIAL_ADDED])
        text = rng.choice(ANSWERS if kind is Label.RESPONSE_ADDED else DENIALS).format(org=org)
        text = text[0].upper() + text[1:]
        place = rng.randrange(2, len(new))
        new.insert(place, text)
        edits = [Edit(e.label, e.block + (e.block >= place), e.old, e.new, e.about, e.removed) for e in edits]
        edits.append(Edit(kind, place, "", text, org))
    if not edits:
        return None
    return finish(rng, old, new, headlines, tuple(edits), wordings, org)


def removal(rng: random.Random, text: str) -> tuple[str, str, str, str] | None:
    """Take one sentence out of the middle of a paragraph."""
    found = re.split(r"(?<=[.!?]) (?=[A-Z])", text)
    if len(found) < 3 or any(mark in text for mark in '“”"'):
        return None
    place = rng.randrange(1, len(found))
    words = [w for w in re.findall(r"\b[a-zA-Z]{6,}\b", found[place]) if not STOP.fullmatch(w)]
    if len(words) < 3:
        return None
    return " ".join(found[:place] + found[place + 1 :]), found[place], "", " and ".join(words[:2])


def finish(
    rng: random.Random,
    old: list[str],
    new: list[str],
    headlines: tuple[str, str],
    edits: tuple[Edit, ...],
    wordings: dict[Label, tuple[str, ...]],
    org: str,
) -> Pair:
    """Choose which edits are told, and write the notes."""
    can = [place for place, edit in enumerate(edits) if edit.label in wordings]
    mode = rng.random()
    vague = mode < 0.12
    told = frozenset() if mode < 0.4 else frozenset(p for p in can if rng.random() < 0.6)
    notes = [rng.choice(VAGUE)] if vague else []
    for place in sorted(told):
        edit = edits[place]
        line = rng.choice(wordings[edit.label]).format(old=edit.old, new=edit.new, about=edit.about, org=org)
        notes.append(line)
    return Pair(document(headlines[0], old, []), document(headlines[1], new, notes), edits, told, vague, tuple(notes))


def document(headline: str, paragraphs: list[str], notes: list[str]) -> Document:
    blocks = [Block(BlockKind.HEADLINE, headline)]
    blocks += [Block(BlockKind.PARAGRAPH, text) for text in paragraphs]
    blocks += [Block(BlockKind.NOTICE, text, placement=Placement.END) for text in notes]
    return Document(tuple(blocks), language="en")


def texts() -> Iterator[list[str]]:
    """The paragraphs of each English article of some length."""
    for _, page in sorted(json.loads(DATA.read_text(encoding="utf-8")).items()):
        found = [line.strip() for line in page["articleBody"].split("\n") if len(line.strip()) > 40]
        if len(found) >= 8 and len(re.findall(r"\b(?:the|and|of)\b", " ".join(found))) > 40:
            yield found


# --- scoring --------------------------------------------------------------------------------------------------------


@dataclass
class Tally:
    """Right, wrong and missed, for precision and recall."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def line(self, name: str) -> str:
        precision = self.right / max(1, self.right + self.wrong)
        recall = self.right / max(1, self.right + self.missed)
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        return f"{name:<26}{precision:>8.3f}{recall:>8.3f}{f1:>8.3f}{self.right:>7}{self.wrong:>6}{self.missed:>7}"


MEASURED = (
    Label.DENIAL_ADDED,
    Label.RESPONSE_ADDED,
    Label.ATTRIBUTION_CHANGED,
    Label.QUOTE_CHANGED,
    Label.QUOTE_REMOVED,
    Label.NUMBER_CHANGED,
    Label.DATE_CHANGED,
    Label.NAME_CHANGED,
    Label.NEGATION_CHANGED,
    Label.HEDGE_ADDED,
    Label.HEDGE_REMOVED,
    Label.HEADLINE_CHANGED,
)


def change_of(edit: Edit, report: Report) -> Change | None:
    """The change that holds an edit."""
    for change in report.diff.changes:
        spans = change.after or change.before
        if not spans or spans[0].block is None or change.field.value == "notice":
            continue
        here = edit.block + 1 if edit.label is not Label.HEADLINE_CHANGED else 0
        there = bool(change.after) and not edit.removed and any(span.block == here for span in change.after)
        if there and (edit.new in change.inserted or edit.label is Label.HEADLINE_CHANGED):
            return change
        if edit.removed and edit.old.strip()[:40] in " ".join(span.text for span in change.before):
            return change
    return None


def score(pair: Pair, report: Report, labels: dict[Label, Tally], silent: Tally, claims: Tally) -> list[str]:
    """Add one pair to the tallies; returns what went wrong, for reading."""
    misses: list[str] = []
    expected: dict[str, set[Label]] = {change.id: set() for change in report.diff.changes}
    place_of: dict[int, str] = {}
    for place, edit in enumerate(pair.edits):
        change = change_of(edit, report)
        if change is None:
            misses.append(f"no change for {edit.label} {edit.old!r} -> {edit.new!r}")
            continue
        place_of[place] = change.id
        expected[change.id].add(edit.label)
    for change in report.diff.changes:
        found = {note.label for note in report.labels(change)} & set(MEASURED)
        wanted = expected[change.id] & set(MEASURED)
        for label in found | wanted:
            tally = labels[label]
            tally.right += label in found and label in wanted
            tally.wrong += label in found and label not in wanted
            tally.missed += label in wanted and label not in found
            if (label in found) != (label in wanted):
                sign = "false" if label in found else "missed"
                around = (change.after or change.before)[0].text[:300]
                misses.append(f"{sign} {label}: -{change.deleted[:80]!r} +{change.inserted[:80]!r} in {around!r}")
    told = {place_of[place] for place in pair.told if place in place_of}
    for change_id in set(place_of.values()):
        judged = next(j for j in report.judgements if j.change == change_id)
        truly = change_id not in told and not pair.vague
        called = judged.disclosure is Disclosure.SILENT
        silent.right += truly and called
        silent.wrong += called and not truly
        silent.missed += truly and not called
        if truly != called:
            what = next(c for c in report.diff.changes if c.id == change_id)
            name = "FALSE" if called else "missed"
            words = f"-{what.deleted[:60]!r} +{what.inserted[:60]!r}"
            misses.append(f"{name} silent {judged.disclosure}: {words} | {pair.notes}")
    score_claims(pair, report, place_of, claims, misses)
    return misses


def score_claims(pair: Pair, report: Report, place_of: dict[int, str], claims: Tally, misses: list[str]) -> None:
    """Edges between notes and changes: each note was written for one edit."""
    edges = {(notice.text, named.change) for notice in report.notices for c in notice.claims for named in c.changes}
    order = [] if pair.vague else sorted(pair.told)
    wanted = {(note, place_of[place]) for note, place in zip(pair.notes, order, strict=False) if place in place_of}
    claims.right += len(edges & wanted)
    claims.wrong += len(edges - wanted)
    claims.missed += len(wanted - edges)
    misses += [f"wrong edge {edge[0]}" for edge in edges - wanted] + [
        f"missed edge {edge[0]}" for edge in wanted - edges
    ]


def measure(name: str, pairs: int, *, show: bool) -> None:
    rng = random.Random(f"meaning {name}")  # noqa: S311 - a benchmark's script, not a secret
    sources = list(texts())
    labels = {label: Tally() for label in MEASURED}
    silent, claims, verdicts = Tally(), Tally(), Counter[str]()
    made = 0
    while made < pairs:
        pair = scripted(rng, rng.choice(sources), WORDINGS[name])
        if pair is None:
            continue
        made += 1
        report = annotate(diff(pair.before, pair.after))
        verdicts[report.verdict.value] += 1
        for line in score(pair, report, labels, silent, claims):
            if show:
                print("   ", line)
    print(f"\n{name} wordings, {made} pairs: verdicts {dict(sorted(verdicts.items()))}")
    print(f"{'':<26}{'prec.':>8}{'recall':>8}{'F1':>8}{'right':>7}{'wrong':>6}{'missed':>7}")
    for label, tally in labels.items():
        if tally.right or tally.wrong or tally.missed:
            print(tally.line(label.value))
    print(silent.line("silent"))
    print(claims.line("claim <-> change"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=400)
    parser.add_argument("--misses", action="store_true", help="print each miss")
    parser.add_argument("--set", choices=sorted(WORDINGS), help="only this set of wordings")
    options = parser.parse_args()
    if not DATA.exists():
        print(f"not measured: {DATA} is not there")
        return 0
    for name in [options.set] if options.set else ["working", "working-2", "working-3", "working-4", "held-out"]:
        measure(name, options.pairs, show=options.misses)
    return 0


if __name__ == "__main__":
    sys.exit(main())
