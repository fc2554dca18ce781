"""The query language of the filter, of saved views and of the command line.

    state:failed cost>50 queue>0 age>1h -region:us-* wave:canary,early live "free text" /^mina/

Terms are separated by spaces and all of them have to match; `-` or `!` before a term turns it round.

- `field:value` looks at words and texts: `*` and `?` stand for any characters, a comma separates
  alternatives, `field:*` is "anything known", `field:/regex/` searches. `field=value` takes it literally.
- `field>value`, `>=`, `<`, `<=`, `=`, `!=` compare numbers (`cost>50`), spans (`age>1h30m`) and versions
  (`version<1.11`); `cost:10..50` is a range. What is not known matches no comparison.
- Words, `"free text"` and `/regex/` look at whatever names a creator, and at its errors. A few words
  (`live`, `failed`, `attention` …) stand for a state; in quotes they are text again.
"""

from __future__ import annotations

from fleet_tui.observatory.query.fields import FIELDS, FLAGS
from fleet_tui.observatory.query.language import Query, QueryError, complete, parse
from fleet_tui.observatory.query.order import SORTS

__all__ = ["FIELDS", "FLAGS", "SORTS", "Query", "QueryError", "complete", "parse"]
