"""The version of this project, read once: every look searches the import path, which fails while another thread changes it."""

from importlib import metadata

__version__ = metadata.version("prompt-tutor")
