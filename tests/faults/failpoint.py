"""Run a command that ends itself with SIGKILL at a chosen call of one of its functions; nothing in the program knows of it.

``python -m tests.faults.failpoint SPEC[,SPEC...] (-m MODULE | -c CODE | FILE) ARGUMENT...`` where SPEC is
``module:function:before|after:number[:text]``: the process dies before or after that call of the function, counted among those that have
the text in their arguments; number 0 is each call.
"""

import functools
import importlib.abc
import importlib.machinery
import importlib.util
import os
import runpy
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any


@dataclass
class Failpoint:
    """Where the process dies."""

    module: str
    function: str
    after: bool
    number: int
    text: str
    calls: int = 0

    @classmethod
    def read(cls, spec: str) -> "Failpoint":
        """Read a SPEC."""
        module, function, place, number, *text = spec.split(":")
        assert place in {"before", "after"}, spec
        return cls(module, function, place == "after", int(number), ":".join(text))

    def arm(self, module: ModuleType) -> None:
        """Wrap the function. Raises AttributeError where there is none of that name."""
        *path, name = self.function.split(".")
        owner = functools.reduce(getattr, path, module)
        setattr(owner, name, self._wrapped(getattr(owner, name)))

    def _wrapped(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any, **named: Any) -> Any:  # noqa: ANN401  # of any function
            due = self._is_due(args, named)
            if due and not self.after:
                os.kill(os.getpid(), signal.SIGKILL)
            result = function(*args, **named)
            if due:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return call

    def _is_due(self, args: tuple[object, ...], named: dict[str, object]) -> bool:
        if self.text and self.text not in repr(args) + repr(named):
            return False
        self.calls += 1
        return self.number in {0, self.calls}


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the modules with a failpoint as all others are found, and arms them when they have been executed."""

    def __init__(self, failpoints: list[Failpoint]) -> None:
        self._failpoints = failpoints

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> importlib.machinery.ModuleSpec | None:  # noqa: ARG002  # importlib's signature
        mine = [one for one in self._failpoints if one.module == fullname]
        if not mine:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec is not None and spec.loader is not None:
            loader = spec.loader
            execute = loader.exec_module

            def execute_and_arm(module: ModuleType) -> None:
                execute(module)
                for one in mine:
                    one.arm(module)

            loader.exec_module = execute_and_arm  # type: ignore[method-assign]  # of this one loader
        return spec


def become(command: list[str]) -> None:
    """Run a Python command in this process, as the interpreter would."""
    if command[0] == "-m":
        sys.argv = command[1:]
        runpy.run_module(command[1], run_name="__main__", alter_sys=True)
    elif command[0] == "-c":
        sys.argv = ["-c", *command[2:]]
        exec(compile(command[1], "-c", "exec"), {"__name__": "__main__"})  # noqa: S102  # the command of whoever called
    else:
        sys.argv = command
        runpy.run_path(command[0], run_name="__main__")


def main() -> None:
    """Arm, then become the command."""
    specs, *command = sys.argv[1:]
    sys.meta_path.insert(0, _Finder([Failpoint.read(spec) for spec in specs.split(",")]))
    become(command)


if __name__ == "__main__":
    main()
