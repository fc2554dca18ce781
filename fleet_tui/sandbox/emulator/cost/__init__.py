"""AWS Cost Explorer and cost anomaly detection, which ministack lacks.

Nothing is invented here: an account costs what the back door has spent for it.
"""

from __future__ import annotations
