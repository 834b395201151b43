"""What a client and an instance said to each other, kept in files: recorded, replayed, and turned into records."""

from __future__ import annotations

from sandtable.recording.exchanges import Body, Exchange, RecordedAnswer, RecordedRequest, RecordingError, read_folder
from sandtable.recording.extraction import Extraction, records_of
from sandtable.recording.proxy import RecordingProxy
from sandtable.recording.redactor import Redactor
from sandtable.recording.replay import Replay

__all__ = [
    "Body",
    "Exchange",
    "Extraction",
    "RecordedAnswer",
    "RecordedRequest",
    "RecordingError",
    "RecordingProxy",
    "Redactor",
    "Replay",
    "read_folder",
    "records_of",
]
