"""What is decided and not yet written: while a writer gathers, everybody in this store reads it as if it were there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tracker.store.objects import GitObject, file_in

NOTHING = "0" * 40


@dataclass(frozen=True, slots=True)
class RefMove:
    """A ref that shall name `new` (None: be deleted) if it still names `old` (None: does not exist)."""

    ref: str
    new: str | None
    old: str | None

    @property
    def command(self) -> str:
        return f"update {self.ref} {self.new or NOTHING} {self.old or NOTHING}"


class Pending:
    """Objects by id and the moves of refs that wait for their flush. Empty unless somebody gathers."""

    def __init__(self) -> None:
        self.objects: dict[str, GitObject] = {}
        self._moves: dict[str, RefMove] = {}

    def put(self, objects: Iterable[GitObject], moves: Iterable[RefMove]) -> None:
        """Take in what one write holds; a ref that moves again goes on from where it stands."""
        self.objects |= {each.id: each for each in objects}
        for move in moves:
            before = self._moves.get(move.ref)
            self._moves[move.ref] = replace(move, old=before.old) if before else move

    def moves(self) -> list[RefMove]:
        """All moves, those of pages first: a text never comes before its page."""
        wanted = [move for move in self._moves.values() if move.new != move.old]
        return sorted(wanted, key=lambda move: not move.ref.startswith("refs/raw/"))

    def move_of(self, ref: str) -> RefMove | None:
        """Where a ref is to go, None for one that stays."""
        return self._moves.get(ref)

    def find(self, name: str) -> GitObject | str | None:
        """What the name of an object names: what waits here, None for nothing, else the name that git is to be asked.

        `name` is an id, a ref, or `<commit or ref>:<file>`.
        """
        base, _, path = name.partition(":")
        move = self._moves.get(base)
        revision = move.new if move else base
        if revision is None:
            return None
        found = self.objects.get(revision)
        if not path:
            return found or revision
        if found is None:
            return f"{revision}:{path}"
        if found.kind == "commit":  # its first line names its tree
            tree_id = found.data[5:45].decode()
            found = self.objects.get(tree_id)
            if found is None:
                return f"{tree_id}:{path}"
        blob_id = file_in(found, path)
        return None if blob_id is None else self.objects.get(blob_id, blob_id)

    def clear(self) -> None:
        """Forget all of it: it is written, or will not be."""
        self.objects.clear()
        self._moves.clear()
