"""Bringing a school in from Excel: recognise, judge, show, apply.

A kind of file is a `Target`; packages above people add theirs.

The same file twice changes nothing the second time. Right rows can be applied while wrong ones wait.
"""

from sen.core.people.imports.targets import register_target

__all__ = ["register_target"]
