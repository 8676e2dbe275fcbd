"""Mutations of the module: standard operators on syntax trees, put in place of the functions that are running."""

import ast
import copy
import functools
import importlib
import inspect
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

MODULES = ("analyses", "bounds", "dates", "evidence", "prose", "registers")

_COMPARED = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_COUNTED = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


@dataclass(frozen=True)
class Mutant:
    """One node of one module's tree replaced; `place` counts what is said twice in the same function."""

    module: str
    function: str
    old: str
    new: str
    place: int
    operator: str
    node: int
    variant: int

    @property
    def key(self) -> str:
        """The mutation in words, the same until the code around it changes."""
        return f"{self.module}.{self.function}: {self.old} -> {self.new} ({self.place})"


def _variants(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield what a node can become, each with the name of the operator."""

    def changed(**fields):
        other = copy.copy(node)
        for name, value in fields.items():
            setattr(other, name, value)
        return other

    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            for other in _COMPARED[type(operator)]:
                yield "comparison", changed(ops=[*node.ops[:place], other(), *node.ops[place + 1 :]])
    elif isinstance(node, ast.BinOp) and type(node.op) in _COUNTED:
        yield "arithmetic", changed(op=_COUNTED[type(node.op)]())
    elif isinstance(node, ast.BoolOp):
        yield "boolean", changed(op=ast.And() if isinstance(node.op, ast.Or) else ast.Or())
    elif isinstance(node, ast.UnaryOp):
        yield "boolean" if isinstance(node.op, ast.Not) else "arithmetic", node.operand
    elif isinstance(node, ast.If | ast.While | ast.IfExp) and not isinstance(node.test, ast.Constant):
        yield "boolean", changed(test=ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "constant", changed(value=not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield "constant", changed(value=node.value + 1)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield "constant", changed(value=f"XX{node.value}")
    elif isinstance(node, ast.Return) and ast.unparse(node) not in ("return", "return None"):
        yield "return", changed(value=ast.Constant(None))
    elif isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        yield "removed", ast.Pass()
    elif isinstance(node, ast.Break | ast.Continue):
        yield "removed", ast.Continue() if isinstance(node, ast.Break) else ast.Break()


def _left_alone(tree: ast.Module) -> set[ast.AST]:
    """Return the nodes that no operator may touch: documentation, types, decorators, the words of an error."""
    alone = set()
    for node in ast.walk(tree):
        skip = [
            *getattr(node, "decorator_list", []),
            getattr(node, "annotation", None),
            getattr(node, "returns", None),
        ]
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skip.append(node)
        if isinstance(node, ast.Raise):
            skip += ast.iter_child_nodes(node)
        if isinstance(node, ast.FormattedValue):
            skip.append(node.format_spec)
        for one in skip:
            alone |= set(ast.walk(one)) if one else set()
    return alone


def _names(tree: ast.Module) -> dict[ast.AST, str]:
    """Return for each node the function, method or constant of the module in which it stands."""
    names = {}

    def walk(node, name):
        for child in ast.iter_child_nodes(node):
            own = name
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                own = f"{name}.{child.name}".lstrip(".")
            elif not name and isinstance(child, ast.Assign):
                own = ast.unparse(child.targets[0])
            names[child] = own
            walk(child, own)

    walk(tree, "")
    return names


def _source(module: str) -> str:
    return Path(importlib.import_module(f"ledger.{module}").__file__).read_text(encoding="utf-8")


@functools.cache
def _tree(module: str) -> ast.Module:
    return ast.parse(_source(module))


@functools.cache
def mutants(module: str) -> list[Mutant]:
    """Return every mutant of a module, in the order of its tree."""
    tree = _tree(module)
    alone, names = _left_alone(tree), _names(tree)
    found, seen = [], {}
    for number, node in enumerate(ast.walk(tree)):
        if node in alone or not names.get(node):
            continue
        for variant, (operator, other) in enumerate(_variants(node)):
            old, new = (_words(n) for n in (node, other))
            words = names[node], old, new
            seen[words] = seen.get(words, 0) + 1
            found.append(Mutant(module, *words, seen[words], operator, number, variant))
    return found


def _words(node: ast.AST) -> str:
    """Return a node on one line, short enough for a table; of a statement with a body, its condition alone."""
    if isinstance(node, ast.If | ast.While):
        node = node.test
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 90 else f"{text[:60]} … {text[-27:]}"


def _mutated(mutant: Mutant) -> ast.Module:
    """Return the tree with the one node replaced: the tree that the process keeps, for it is a fork."""
    tree = _tree(mutant.module)
    target = list(ast.walk(tree))[mutant.node]
    other = ast.copy_location(list(_variants(target))[mutant.variant][1], target)

    class Replace(ast.NodeTransformer):
        def visit(self, node):
            return other if node is target else self.generic_visit(node)

    return ast.fix_missing_locations(Replace().visit(tree))


def put_in_place(mutant: Mutant) -> None:
    """Make the running module behave as the mutant. Only ever done in a fork."""
    _run_as(mutant.module, _mutated(mutant))


def _run_as(name: str, tree: ast.Module) -> None:
    """Let the functions of a running module keep their identity and take their code from a tree, and so its constants.

    Whoever imported a function or a constant by name meets the new one.
    """
    module = importlib.import_module(f"ledger.{name}")
    other = types.ModuleType(module.__name__)
    other.__dict__.update(__package__="ledger", __file__=module.__file__)
    exec(compile(tree, module.__file__, "exec"), other.__dict__)
    constants = {ast.unparse(n.targets[0]) for n in tree.body if isinstance(n, ast.Assign)}
    for key, old in list(vars(module).items()):
        new = vars(other).get(key)
        if inspect.isclass(old) and old.__module__ == module.__name__:
            for method, function in vars(old).items():
                _take_over(function, vars(new).get(method))
        elif getattr(old, "__module__", None) == module.__name__:
            _take_over(old, new)
        elif key in constants and old != new:
            _replace(old, new)


def _take_over(old, new) -> None:
    if hasattr(old, "cache_clear"):
        old.cache_clear()
    old, new = inspect.unwrap(old), inspect.unwrap(new)
    if inspect.isfunction(old):
        old.__code__, old.__defaults__, old.__kwdefaults__ = (
            new.__code__,
            new.__defaults__,
            new.__kwdefaults__,
        )


def _replace(old, new) -> None:
    if isinstance(old, dict):
        old.clear()
        old.update(new)
        return
    for module in list(sys.modules.values()):
        for name, value in list(getattr(module, "__dict__", {}).items()):
            if value is old:
                setattr(module, name, new)


REACHED: set[tuple[str, str]] = set()
"""The functions that were called since it was emptied, as (module, function); see watch()."""


@functools.cache
def watch() -> None:
    """Let every function of the modules note in REACHED that it was called."""
    for module in MODULES:
        tree = ast.parse(_source(module))
        names = _names(tree)
        for node in list(ast.walk(tree)):
            if isinstance(node, ast.FunctionDef):
                node.body[:0] = ast.parse(f"__import__('module').REACHED.add({(module, names[node])!r})").body
        _run_as(module, ast.fix_missing_locations(tree))


def reached_by(run: Callable[[], object]) -> set[tuple[str, str]]:
    """Run something and return which functions of the modules it reached, as (module, function)."""
    watch()
    REACHED.clear()
    run()
    return set(REACHED)


@functools.cache
def readers(module: str, constant: str) -> frozenset[tuple[str, str]]:
    """Return the functions of a module that read one of its constants, or a constant that is made from it."""
    tree = _tree(module)
    names = _names(tree)
    owners = {names[n] for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == constant and n in names}
    found = set()
    for owner in owners - {constant, ""}:
        found |= {(module, owner)} | readers(module, owner)
    return frozenset(found)
