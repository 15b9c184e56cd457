"""Looks a store over: what ails it, and what to do about it. Works on stores that `open_store` refuses."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tracker.errors import NewerStore, StoreError
from tracker.store.chains import capture_key
from tracker.store.checkup import Ailment, Patient, surroundings
from tracker.store.commits import Kind, entry
from tracker.store.deletion import finish
from tracker.store.history import build
from tracker.store.index import Index
from tracker.store.locks import DeadWriter, old_locks, sweep
from tracker.store.refresh import Refresher
from tracker.store.removal import interrupted, settle
from tracker.store.repository import ABOUT_REF, Repository, check_format, refuse_newer
from tracker.store.settings import Setting
from tracker.store.state_copy import STATE_REF, StateCopy
from tracker.store.writer import Writer

_DAMAGED = "put the store back from a copy, or fetch the damaged objects from a clone"
_NAMES_ALL = "tracker doctor --fsck names all that is damaged or missing"
_MOST_LINES = 10  # of what git fsck says


def examine(path: Path, *, mend: bool = False, fsck: bool = False) -> list[Ailment]:
    """All that ails the store at `path`. What is derived is always put right, the rest with `mend`.

    `fsck` reads every object, which takes minutes in a big store. Raises NotAStore, NewerStore, StoreError.
    """
    repository = Repository(path)
    found: list[Ailment] = []
    if repository.foreign_settings():
        refuse_newer(repository)
        found += _config(repository, mend=mend)
        if not mend:
            return found  # no git is started on it before that
    patient = Patient.at(path)
    try:
        check_format(path, patient.reader.blob(f"{ABOUT_REF}:format"))
        found += _looked_over(patient, mend=mend)
    finally:
        patient.close()
    return found + (list(_fsck(repository)) if fsck else [])


def _looked_over(patient: Patient, *, mend: bool) -> Iterator[Ailment]:
    """What ails a store that can be opened, as far as it can be read."""
    try:
        yield from _dead(sweep(patient.repository, tell=lambda _: None))  # all is looked at anew below
        yield from _locks(patient.repository, mend=mend)
        yield from _strangers(patient)
        yield from _index(patient.refresher)
        yield from _removals(patient, mend=mend)
        yield from _articles(patient.index)
        yield from _state(patient)
        yield from surroundings(patient)
    except NewerStore:
        raise
    except StoreError as error:
        what, _, remedy = str(error).rpartition("; ")
        if "`tracker doctor" in remedy:  # here we are
            remedy = f"{_NAMES_ALL}; {_DAMAGED}"
        yield Ailment(what or remedy, remedy)


def _config(repository: Repository, *, mend: bool) -> Iterator[Ailment]:
    foreign = repository.foreign_settings()
    config = repository.git_dir / "config"
    if mend:
        _clean(config, foreign)
    for setting in foreign:
        yield Ailment(
            f"the setting {setting.line.strip()!r} in {config} is none that tracker trusts",
            f"it is taken out; the file as it was stays in {config}.before" if mend else "tracker doctor --mend",
            mended=mend,
        )


def _clean(config: Path, foreign: list[Setting]) -> None:
    """Leave only lines of our list; the old file stays beside the new one."""
    lines = config.read_bytes().decode("utf-8", "replace").split("\n")
    bad = {setting.number for setting in foreign}
    draft = config.with_name("config.new")
    draft.write_bytes("\n".join(line for number, line in enumerate(lines) if number not in bad).encode())
    config.replace(config.with_name("config.before"))
    draft.rename(config)


def _dead(writers: list[DeadWriter]) -> Iterator[Ailment]:
    for writer in writers:
        touched = f" while it wrote {writer.refs[-1]}" if writer.refs else ""
        yield Ailment(f"writer {writer.token} ended{touched} without saying so", "cleared away", mended=True)


def _locks(repository: Repository, *, mend: bool) -> Iterator[Ailment]:
    folder = repository.git_dir
    locks = [*(folder / "refs").rglob("*.lock"), *folder.glob("*.lock")]
    for lock in old_locks(iter(locks)):
        if mend:
            with suppress(OSError):
                lock.unlink()
        yield Ailment(
            f"{lock} has stood for more than ten minutes; it is none of ours",
            "removed" if mend else "make sure that no git is at work here, then tracker doctor --mend",
            mended=mend and not lock.exists(),
        )


def _strangers(patient: Patient) -> Iterator[Ailment]:
    """What came with a store of others and is never used by us."""
    folder = patient.repository.git_dir
    hooks = folder / "hooks"
    for hook in sorted(hooks.glob("*")) if hooks.is_dir() else []:
        if hook.suffix != ".sample" and os.access(hook, os.X_OK):
            yield Ailment(f"{hook} is a program that plain git would run; tracker never does", f"rm {hook}")
    if (folder / "objects/info/alternates").exists():
        yield Ailment(
            "the store borrows objects from another repository, and breaks when that one goes",
            f"git -C {folder} repack -a -d && rm {folder / 'objects/info/alternates'}",
        )
    for name in ("info/grafts", "shallow"):
        if (folder / name).exists():
            yield Ailment(f"{folder / name} makes plain git see other histories than tracker", f"rm {folder / name}")
    if replaced := patient.refresher.refs("refs/replace"):
        yield Ailment(
            f"{len(replaced)} objects are replaced for plain git, and not for tracker",
            f"git -C {folder} replace -d {next(iter(replaced)).rpartition('/')[2]} ...",
        )
    for link in (path for part in ("refs", "objects") for path in (folder / part).rglob("*") if path.is_symlink()):
        yield Ailment(f"{link} is a link out of the store's own folders", f"rm {link}")


def _index(refresher: Refresher) -> Iterator[Ailment]:
    summary = refresher.store()
    for name, reason in summary.damaged.items():
        what, _, _ = reason.rpartition("; ")
        yield Ailment(f"{name} cannot be read: {what}", f"{_NAMES_ALL}; {_DAMAGED}")
    if summary.changed or summary.vanished:
        yield Ailment(
            f"the index did not know {summary.changed} of {summary.articles} articles as they are now, "
            f"and listed {summary.vanished} that are gone",
            "looked at again",
            mended=True,
        )


def _removals(patient: Patient, *, mend: bool) -> Iterator[Ailment]:
    marks = interrupted(patient.repository)
    if not marks:
        return
    if mend:
        writer = Writer(patient.repository, sweep=lambda: None, tip=patient.reader.tip)
        copy = StateCopy(writer, patient.reader, patient.state)
        finish(patient.repository, writer, patient.reader, patient.index, patient.refresher, patient.state, copy)
        writer.close()
        settle(marks)
    yield Ailment(
        "a deletion or a pruning was interrupted: what it was to remove may still be there",
        "finished as far as it had come; run the command again to be sure" if mend else "tracker doctor --mend",
        mended=mend,
    )


def _articles(index: Index) -> Iterator[Ailment]:
    """Texts without their page, and commits on an article's branch that are not ours."""
    textonly: list[str] = []
    for branch, tips in index.all_tips().items():
        commits = index.commits(branch, "text")
        history = build(branch, tips.text, commits)
        strange = [each for each in commits.values() if entry(each) is None and "Kind: join" not in each.message]
        if strange:
            yield Ailment(
                f"{branch} has {len(strange)} commits that tracker did not write ({strange[0].revision[:12]} ...)",
                "they are passed over; nothing to do",
            )
        pages = {capture_key(each) for each in index.commits(branch, "raw").values()}
        lacking = [each for each in history.entries if each.kind is Kind.SNAPSHOT and each.key not in pages]
        if tips.raw is None and lacking:
            textonly.append(branch)
        elif lacking:
            yield Ailment(
                f"{branch} has {len(lacking)} snapshots without their page ({lacking[0].revision[:12]} ...)",
                "fetch refs/raw from where the store came from",
            )
    if textonly:
        yield Ailment(
            f"{len(textonly)} articles have no pages at all, as in a clone of the texts ({textonly[0]} ...)",
            "such a store only reads; fetch refs/raw from where it came from",
        )


def _state(patient: Patient) -> Iterator[Ailment]:
    copied = patient.reader.tip(STATE_REF) is not None
    if not (patient.repository.path / "state.sqlite").exists():
        if copied:
            yield Ailment("state.sqlite is missing, and there is a copy of it", "tracker doctor --restore-state")
    elif patient.state.has_gap:
        yield Ailment(
            "state.sqlite was lost once and begun anew: checks before that are not known",
            "put the file back if you have it elsewhere, else tracker doctor --restore-state"
            if copied and patient.state.awaits_copy
            else "put the file back from a copy if there is one",
        )


def _fsck(repository: Repository) -> Iterator[Ailment]:
    git = repository.start()
    status, out, said = git.fsck("--full", "--no-dangling", with_extended_output=True, with_exceptions=False)
    if status:
        text = re.sub(r"\n +", " ", f"{said}\n{out}")  # a line that goes on in the next
        lines = [" ".join(line.split()) for line in text.split("\n") if line and not line.startswith("hint:")]
        lines = lines or [f"it ended with {status}"]
        for line in lines[:_MOST_LINES]:
            yield Ailment(f"git fsck: {line}", _DAMAGED)
        if len(lines) > _MOST_LINES:
            yield Ailment(
                f"git fsck: {len(lines) - _MOST_LINES} lines more", f"git -C {repository.git_dir} fsck --full"
            )
