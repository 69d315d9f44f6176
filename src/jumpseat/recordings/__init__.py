"""What a person's own browser wrote down: recordings of its traffic (HAR) and exports of its cookies."""

from jumpseat.recordings.files import MAX_RECORDING_BYTES, read_bytes, read_file, read_recording
from jumpseat.recordings.har import HarReading, Recording
from jumpseat.recordings.problems import BadRecording, Reason, Remark

__all__ = [
    "MAX_RECORDING_BYTES",
    "BadRecording",
    "HarReading",
    "Reason",
    "Recording",
    "Remark",
    "read_bytes",
    "read_file",
    "read_recording",
]
