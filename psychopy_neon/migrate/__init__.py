"""From the makers' PsychoPy plugin to this one: rewrite a Builder experiment.

Works on the text of a ``.psyexp`` file. Needs neither PsychoPy nor the makers' plugin, and touches
no file: see ``psychopy-neon migrate`` for that.
"""

from __future__ import annotations

from psychopy_neon.migrate.migration import Migration, migrate_psyexp

__all__ = ["Migration", "migrate_psyexp"]
