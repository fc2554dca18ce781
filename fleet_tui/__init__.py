"""fleet-tui: one terminal for a fleet of creators' AWS accounts."""

from __future__ import annotations

import os

# Looking for plugins of pydantic reads the metadata of every installed package (47 ms of every command's
# start), and there are none here. Read once, when pydantic is imported.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
