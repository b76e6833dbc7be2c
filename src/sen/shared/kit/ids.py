"""Keys: UUID version 7, made in Python so that no database extension is needed and inserts stay in time order."""

import uuid

from uuid_utils.compat import uuid7 as _uuid7


def uuid7() -> uuid.UUID:
    return _uuid7()
