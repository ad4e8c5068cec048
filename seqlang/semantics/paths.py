"""Paths to fields: through links forward (`account.industry`), and back to the records that link here (`deal.stage`)."""

from __future__ import annotations

from seqlang.diagnostics.diagnostic import Edit, Fix
from seqlang.frozen import Record
from seqlang.plan.conditions import Condition, FieldRef, LinkStep, Some
from seqlang.semantics.report import bare, nearest
from seqlang.semantics.scope import Scope
from seqlang.syntax import tree
from seqlang.syntax.nearest import distance
from seqlang.vocabulary.records import FieldSpec, FieldType

EXIT_WORDS = ("finished", "replied", "unsubscribed", "bounced")  # checkboxes: what a lone word of an exit may have meant


class Hop(Record):
    """A step back: to some record of the type `record` whose `link` points at what `links` lead to from the subject."""

    subject: str
    links: tuple[LinkStep, ...]
    record: str
    link: str


class Target(Record):
    """The field that a path names."""

    ref: FieldRef
    spec: FieldSpec
    hops: tuple[Hop, ...]  # outermost first; none: one record, at the most

    def some(self, atom: Condition) -> Condition:
        """Return `atom` (asked of the innermost record) as asked of the subject."""
        for hop in reversed(self.hops):
            atom = Some(subject=hop.subject, links=hop.links, record=hop.record, link=hop.link, where=atom)
        return atom


class _Walk:
    __slots__ = ("hops", "links", "record", "subject")

    def __init__(self, subject: str, record: str, links: tuple[LinkStep, ...], hops: tuple[Hop, ...] = ()) -> None:
        self.subject = subject
        self.record = record
        self.links = links
        self.hops = hops

    def follow(self, name: str, record: str) -> None:
        self.links, self.record = (*self.links, LinkStep(field=name, record=record)), record

    def back(self, record: str, link: str) -> None:
        self.hops = (*self.hops, Hop(self.subject, self.links, record, link))
        self.subject, self.record, self.links = record, record, ()


def find_field(scope: Scope, path: tree.Path, *, like: FieldType = "text", key: bool = False) -> Target | None:
    """Return the field of `path`, or None after reporting why there is none.

    `like`: the type of a property that an undeclared event is asked for; `key`: a link stands for the key of its record.
    """
    if scope.home.startswith("event:"):
        return _property(scope, path, like)
    walk, rest = _start(scope, path)
    if walk is None:
        return None
    while True:
        name, rest = rest[0], rest[1:]
        spec = scope.names.fields.get(walk.record, {}).get(name.text)
        if spec is None:
            link = scope.names.link_to(name.text, walk.record) if name.text in scope.names.records else None
            if link is None or not rest:
                _unknown(scope, walk.record, path, name)
                return None
            walk.back(name.text, link)
        elif not rest:
            return _target(scope, walk, spec, key=key)
        elif spec.link is None:
            scope.report.error("SEQ212", rest[0], f"`{name.text}` is a {spec.type} and leads to nothing further")
            return None
        else:
            walk.follow(name.text, spec.link)


def _target(scope: Scope, walk: _Walk, spec: FieldSpec, *, key: bool) -> Target:
    if key and spec.link is not None:
        walk.follow(spec.name, spec.link)
        record = scope.names.records.get(spec.link)
        spec = scope.names.fields[spec.link][record.key if record else "email"]
    ref = FieldRef(record=walk.subject, links=walk.links, field=spec.name, type=spec.type)
    return Target(ref, spec, walk.hops)


def _start(scope: Scope, path: tree.Path) -> tuple[_Walk | None, tuple[tree.Name, ...]]:
    """Return where the path begins and the names that are left: a field at least."""
    names, first = path.names, path.names[0].text
    home = _Walk(scope.subject, scope.home, scope.home_links)
    if first in scope.names.fields.get(scope.home, {}):
        return home, names
    if len(names) > 1 and first == scope.home:
        return home, names[1:]
    if len(names) > 1 and first == scope.subject:
        return _Walk(scope.subject, scope.subject, ()), names[1:]
    if first in (scope.home, scope.subject):
        scope.report.error(
            "SEQ213",
            path,
            f"`{first}` is a record, and a field of it is wanted",
            hint=f"write a path such as `{first}.{_first_field(scope, first)}`",
        )
        return None, ()
    if first in scope.names.records and first != "user":
        if scope.names.link_to(first, scope.home) is None:
            scope.report.error(
                "SEQ214",
                names[0],
                f"no {first} is linked to {_a(scope.home)}",
                hint=f"a field of the type `link {scope.home}` in `record {first}` would link them",
            )
            return None, ()
        if len(names) == 1:
            scope.report.error(
                "SEQ213",
                path,
                f"`{first}` is a record, and a field of it is wanted",
                hint=f"write a path such as `{first}.{_first_field(scope, first)}`, or `{first} with ( … )`",
            )
            return None, ()
    return home, names


def _a(word: str) -> str:
    return f"an {word}" if word[:1] in "aeiou" else f"a {word}"


def _first_field(scope: Scope, record: str) -> str:
    return bare(next(iter(scope.names.fields.get(record, {})), "name"))


def _unknown(scope: Scope, record: str, path: tree.Path, name: tree.Name) -> None:
    pool = list(scope.names.fields.get(record, {}))
    if name is path.names[0]:
        pool += [r for r in scope.names.records if len(path.names) > 1 and scope.names.link_to(r, record)]
        elsewhere = [
            r
            for r in scope.names.records
            if r not in (record, "user") and name.text in scope.names.fields[r] and _reach(scope, r)
        ]
        if elsewhere and not any(distance(name.text, own) == 1 for own in pool):
            scope.report.error(
                "SEQ211",
                name,
                f"`{name.text}` is not a field of {record}",
                hint=f"{elsewhere[0]} has it: write `{_reach(scope, elsewhere[0])}.{bare(name.text)}`",
            )
            return
    box = nearest(name.text, (*EXIT_WORDS, *pool)) if scope.place == "exit" and len(path.names) == 1 else None
    if box is not None and box in EXIT_WORDS:
        fix = Fix(f"write `{box}`", (Edit(name.span, box),))
        scope.report.error("SEQ211", name, f"`{name.text}` is not a field of {record}", hint=f"did you mean `{box}`?", fix=fix)
        return
    from seqlang.semantics.habits import hint_of_habit  # few files need it

    habit = hint_of_habit(path, scope.steps)
    if habit is not None:
        scope.report.error("SEQ211", name, f"`{name.text}` is not a field of {record}", hint=habit)
        return
    scope.report.unknown(
        "SEQ211",
        name,
        f"`{name.text}` is not a field of {record}",
        name.text,
        pool,
        text=False,
        none=f"declare it: `record {record} {{ {bare(name.text)} text }}`",
    )


def _reach(scope: Scope, record: str) -> str | None:
    """Return how a path from the bare record reaches `record`: by a link field of it, or by the record's name."""
    if record == scope.subject:
        return record
    forward = [f.name for f in scope.names.fields.get(scope.home, {}).values() if f.link == record]
    if forward:
        return forward[0]
    return record if scope.names.link_to(record, scope.home) else None


def _property(scope: Scope, path: tree.Path, like: FieldType) -> Target | None:
    event = scope.home.removeprefix("event:")
    spec = scope.names.events.get(event)
    name = path.names[0]
    if len(path.names) > 1:
        scope.report.error(
            "SEQ215",
            path,
            f"`{path.text}` is not a property of the event `{event}`",
            hint="only the event's own properties can be asked here",
        )
        return None
    found = next((p for p in spec.properties if p.name == name.text), None) if spec else None
    if found is None:
        found = FieldSpec(name=name.text, type=like)
        if spec is not None:
            scope.report.unknown(
                "SEQ222",
                name,
                f"the event `{event}` does not declare a property `{name.text}`",
                name.text,
                [p.name for p in spec.properties],
                text=False,
                warn=True,
                none=f'declare it: `event "{event}" {{ {bare(name.text)} {like} }}`',
            )
    return Target(FieldRef(record=scope.home, field=name.text, type=found.type), found, ())
