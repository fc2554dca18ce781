"""Amazon IVS (low-latency) and IVS Chat, which ministack lacks.

Resources, stream sessions and their events as the API reference describes them
(https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference/, read 2026). Streams have no encoder
behind them: the back door starts, starves, recovers and ends them.
"""

from __future__ import annotations
