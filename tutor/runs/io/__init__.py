"""Files: formats, checksums, atomic writes, and which processes still live."""
