"""What a person's own browser wrote down: recordings of its traffic (HAR) and exports of its cookies."""

from jumpseat.recordings.files import MAX_RECORDING_BYTES, read_bytes, read_file, read_recording
from jumpseat.recordings.har import Recording, read_har
from jumpseat.recordings.problems import BadRecording, Reason

__all__ = [
    "MAX_RECORDING_BYTES",
    "BadRecording",
    "Reason",
    "Recording",
    "read_bytes",
    "read_file",
    "read_har",
    "read_recording",
]
