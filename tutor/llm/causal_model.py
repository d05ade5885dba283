"""A loaded causal language model with the few things that views, priors and tuners ask of it."""

import inspect
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from tutor.llm.checked_outputs import MEMORIES, ModelOutput
from tutor.llm.foreign_errors import refuse_errors
from tutor.llm.layers import Layers, examine_layers
from tutor.llm.model_location import ModelError
from tutor.methods.priors import Gaussian

MOST_NUMBERS = 20_000_000
"""Of the vocabulary that a Gaussian is fitted to: all of a large one would take more memory than the model."""
MARKS = {"Ġ": "·", "▁": "·"}
"""How byte-level and sentence-piece vocabularies write the space before a word, and how it is shown."""


class OwnModel:
    """A frozen transformers model and its fast tokenizer. Everything it answers is in single precision."""

    def __init__(self, name: str, network: nn.Module, tokenizer: Any):
        self.name, self.network, self.tokenizer = name, network, tokenizer

    @property
    def config(self) -> Any:
        return self.network.config

    @cached_property
    def vocabulary(self) -> Float[Tensor, "V D"]:
        """The embedding of every token, as the layers get it: some models multiply theirs by a number first."""
        embedding = self.network.get_input_embeddings()
        weight = embedding.weight.detach()
        if type(embedding) is nn.Embedding:
            return weight
        row = int(weight.abs().amax(1).argmax())
        with refuse_errors(f"the embeddings of {self.name} cannot be read"), torch.inference_mode():
            got, want = embedding(torch.tensor([row]))[0], weight[row]
            scale = float(got @ want / (want @ want))
        if not torch.allclose(got, scale * want, rtol=1e-4, atol=1e-6):
            raise ModelError(f"the model {self.name} does not read the rows of its embedding as they are")
        return weight if scale == 1 else scale * weight

    def some_vocabulary(self, most: int = MOST_NUMBERS) -> Float[Tensor, "V D"]:
        """So many numbers of it at most: of a large one the embeddings of tokens at even distances in their order."""
        every = self.vocabulary
        if every.numel() <= most:
            return every
        return every[torch.linspace(0, len(every) - 1, max(2, most // every.shape[1])).long()]

    @cached_property
    def gaussian(self) -> Gaussian:
        """Mean and covariance of the vocabulary, fitted once; half a minute for a width of 4096."""
        return Gaussian.of(self.some_vocabulary())

    @property
    def width(self) -> int:
        """D: of the token embeddings, which is where a soft prompt stands."""
        return self.vocabulary.shape[1]

    @cached_property
    def anatomy(self) -> Layers:
        """What its layers are; ModelError where the model cannot be worked with at all."""
        return examine_layers(self)

    @property
    def layers(self) -> int:
        """Layers whose states it gives."""
        return self.anatomy.depth

    @property
    def heads(self) -> int:
        """Of attention; 0 where there is none, or the description does not say."""
        return _count(getattr(self.config, "num_attention_heads", 0))

    @property
    def longest(self) -> int:
        """Tokens that it can read at once, a prompt among them."""
        return _count(getattr(self.config, "max_position_embeddings", 0)) or 2**20

    @property
    def tied(self) -> bool:
        """Whether words are read and written with the same vectors."""
        read, written = self.network.get_input_embeddings(), self.network.get_output_embeddings()
        return torch.is_tensor(getattr(written, "weight", None)) and written.weight.data_ptr() == read.weight.data_ptr()

    @cached_property
    def opening(self) -> tuple[int, ...]:
        """What the tokenizer puts before every text, such as a beginning-of-sequence token; often nothing."""
        with refuse_errors(f"the tokenizer of {self.name} cannot read the letter a"):
            word, whole = (self.tokenizer("a", add_special_tokens=special)["input_ids"] for special in (False, True))
        return tuple(whole[:whole.index(word[0])]) if word and word[0] in whole else ()

    def encoded(self, text: str) -> list[int]:
        """The tokens of a text, nothing put before or behind it. ModelError where the model has no vector for one."""
        with refuse_errors(f"the tokenizer of {self.name} cannot read the text '{text[:40]}'"):
            ids = list(self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])
        self._require_vectors(ids)
        return ids

    def _require_vectors(self, ids: Sequence[int]) -> None:
        many = len(self.vocabulary)
        if beyond := next((token for token in ids if not 0 <= token < many), None):
            word = self.tokenizer.convert_ids_to_tokens(beyond)
            raise ModelError(f"the text uses the token '{word}', number {beyond:,}, for which {self.name} has no vector; it has {many:,}")

    def tokens(self, text: str) -> Int[Tensor, "one T"]:
        """A text as the model reads it, with its opening. ModelError where it has no token or more than the model can read."""
        ids = [*self.opening, *self.encoded(text)]
        self._require_vectors(self.opening)
        if not 1 <= len(ids) <= min(self.longest, 512):
            raise ModelError(f"the text '{text[:40]}' has {len(ids)} tokens; it must have 1 to {min(self.longest, 512)}")
        return torch.tensor([ids])

    def words(self, ids: Sequence[int]) -> list[str]:
        """How tokens are shown: a leading space as a dot, signs that cannot be seen by their names in the vocabulary."""
        return [self._word(token) for token in ids]

    def _word(self, token: int) -> str:
        raw = str(self.tokenizer.convert_ids_to_tokens(token) or f"[{token}]")     # some models have more rows than tokens
        text = self.decoded([token]).strip()
        shown = text if text and text.isprintable() and "�" not in text else raw.lstrip("".join(MARKS))
        return (MARKS.get(raw[0], "") + shown) or raw

    def decoded(self, ids: Sequence[int]) -> str:
        """The text of these tokens."""
        with refuse_errors(f"the tokenizer of {self.name} cannot write"):
            return self.tokenizer.decode(list(ids))

    def answered(self, memory: Any = None, **inputs: Any) -> ModelOutput:
        """What the network makes of `input_ids` [B, T] or `inputs_embeds` [B, T, D] behind what it remembers.

        Whatever else it is told is left out where its architecture knows no such thing.
        """
        batch, places = (inputs["input_ids"] if "input_ids" in inputs else inputs["inputs_embeds"]).shape[:2]
        known = inspect.signature(self.network.forward).parameters
        every = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in known.values())
        if memory is not None:
            inputs[next((name for name in MEMORIES if name in known), MEMORIES[-1])] = memory
        given = {name: value for name, value in inputs.items() if every or name in known}
        return ModelOutput(self.name, self.network(**given), batch, places)

    @torch.inference_mode()
    def states(self, ids: Int[Tensor, "one T"]) -> list[Float[Tensor, "T _"]]:
        """The stream of one text after the embedding and after every layer, the last after the final norm: as transformers gives it."""
        with refuse_errors(f"the states of {self.name} cannot be read"):
            return [one[0] for one in self.answered(input_ids=ids, output_hidden_states=True, use_cache=False).states()]

    def hidden_states(self, ids: Int[Tensor, "one T"]) -> Float[Tensor, "L1 T D"]:
        """The same as one array. Refused in the rare model whose layers differ in width."""
        found = self.states(ids)
        if len({one.shape for one in found}) > 1:
            raise ModelError(f"the layers of {self.name} differ in width; ask for `states`")
        return torch.stack(found)

    def activations(self, text: str) -> Float[Tensor, "M D"]:
        """The embeddings of the tokens of a text, one for every token: the cloud of a text in the space where prompts stand."""
        return self.vocabulary[torch.tensor(self.encoded(text), dtype=torch.int64)]

    def logits(self, ids: Int[Tensor, "B T"]) -> Float[Tensor, "B T V"]:
        """Log-odds of the token that follows each."""
        with refuse_errors(f"the model {self.name} cannot read"):
            return self.answered(input_ids=ids, use_cache=False).logits()


@torch.inference_mode()
def continue_ids(reader: Any, ids: Int[Tensor, "one T"], tokens: int, longest: int) -> list[int]:
    """Continue a text greedily.

    Parameters
    ----------
    reader
        A model, or a prompt in front of one: anything with `logits`.
    ids
        [1, T] the tokens so far.
    tokens, longest
        How many to write, and how many the model can read in all.
    """
    said = ids
    for _ in range(min(tokens, longest - ids.shape[1])):
        said = torch.cat([said, reader.logits(said)[:, -1:].argmax(-1)], dim=1)
    return said[0, ids.shape[1]:].tolist()


def _count(said: Any) -> int:
    """A number of a description, 0 where it is none."""
    return said if isinstance(said, int) and said > 0 else 0
