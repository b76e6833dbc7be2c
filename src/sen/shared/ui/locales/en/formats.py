"""The same as in Vietnamese: one system must not read one date in two ways."""

from sen.shared.ui.locales.vi.formats import *  # noqa: F403  # a formats module is a list of names
