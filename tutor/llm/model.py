"""A loaded causal language model with the few things that views, priors and tuners ask of it."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from tutor.llm.places import Refused
from tutor.priors import Gaussian

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

    @property
    def vocabulary(self) -> Float[Tensor, "V D"]:
        """The embedding of every token."""
        return self.network.get_input_embeddings().weight.detach()

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

    @property
    def layers(self) -> int:
        return self.config.num_hidden_layers

    @property
    def heads(self) -> int:
        """Of attention; 0 where there is none."""
        return getattr(self.config, "num_attention_heads", 0)

    @property
    def longest(self) -> int:
        """Tokens that it can read at once, a prompt among them."""
        return getattr(self.config, "max_position_embeddings", None) or 2**20

    @property
    def tied(self) -> bool:
        """Whether words are read and written with the same vectors."""
        out = self.network.get_output_embeddings()
        return out is not None and out.weight.data_ptr() == self.network.get_input_embeddings().weight.data_ptr()

    @cached_property
    def opening(self) -> tuple[int, ...]:
        """What the tokenizer puts before every text, such as a beginning-of-sequence token; often nothing."""
        word = self.encoded("a")
        whole = self.tokenizer("a")["input_ids"]
        return tuple(whole[:whole.index(word[0])]) if word and word[0] in whole else ()

    def encoded(self, text: str) -> list[int]:
        """The tokens of a text, nothing put before or behind it."""
        return self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]

    def tokens(self, text: str) -> Int[Tensor, "one T"]:
        """A text as the model reads it, with its opening. Refused where it has no token or more than the model can read."""
        ids = [*self.opening, *self.encoded(text)]
        if not 1 <= len(ids) <= min(self.longest, 512):
            raise Refused(f"the text '{text[:40]}' has {len(ids)} tokens; it must have 1 to {min(self.longest, 512)}")
        return torch.tensor([ids])

    def words(self, ids: Sequence[int]) -> list[str]:
        """How tokens are shown: a leading space as a dot, signs that cannot be seen by their names in the vocabulary."""
        return [self._word(token) for token in ids]

    def _word(self, token: int) -> str:
        raw = str(self.tokenizer.convert_ids_to_tokens(token) or f"[{token}]")     # some models have more rows than tokens
        text = self.tokenizer.decode([token]).strip()
        shown = text if text and text.isprintable() and "�" not in text else raw.lstrip("".join(MARKS))
        return (MARKS.get(raw[0], "") + shown) or raw

    @torch.inference_mode()
    def states(self, ids: Int[Tensor, "one T"]) -> list[Float[Tensor, "T _"]]:
        """The stream of one text after the embedding and after every layer, the last after the final norm: as transformers gives it."""
        return [one[0] for one in self.network(input_ids=ids, output_hidden_states=True, use_cache=False).hidden_states]

    def hidden_states(self, ids: Int[Tensor, "one T"]) -> Float[Tensor, "L1 T D"]:
        """The same as one array. Refused in the rare model whose layers differ in width."""
        found = self.states(ids)
        if len({one.shape for one in found}) > 1:
            raise Refused(f"the layers of {self.name} differ in width; ask for `states`")
        return torch.stack(found)

    def activations(self, text: str) -> Float[Tensor, "M D"]:
        """The embeddings of the tokens of a text, one for every token: the cloud of a text in the space where prompts stand."""
        return self.vocabulary[torch.tensor(self.encoded(text), dtype=torch.int64)]

    def logits(self, ids: Int[Tensor, "B T"]) -> Float[Tensor, "B T V"]:
        """Log-odds of the token that follows each."""
        return self.network(input_ids=ids, use_cache=False).logits


@torch.inference_mode()
def continued(reader: Any, ids: Int[Tensor, "one T"], tokens: int, longest: int) -> list[int]:
    """What is written behind `ids`, always the likeliest token; `reader` has `logits`, be it a model or a prompt in front of one."""
    said = ids
    for _ in range(min(tokens, longest - ids.shape[1])):
        said = torch.cat([said, reader.logits(said)[:, -1:].argmax(-1)], dim=1)
    return said[0, ids.shape[1]:].tolist()
