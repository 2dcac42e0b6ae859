"""The text tower of MTR: bert-base-uncased, then a projection; imports ``transformers``."""

from __future__ import annotations

import torch
from torch import Tensor
from transformers import BertConfig, BertModel

from espr.published.mtr.network import projector

_WIDTH = 768
# the defaults of BertConfig are those of bert-base-uncased; here they stay so
_BERT = {
    "vocab_size": 30_522,
    "hidden_size": _WIDTH,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3_072,
    "max_position_embeddings": 512,
    "hidden_act": "gelu",
    "layer_norm_eps": 1e-12,
}


class TextTowerNetwork(torch.nn.Module):
    """Wordpieces and their mask, shape=(n, pieces), to embeddings, shape=(n, 128)."""

    def __init__(self) -> None:
        super().__init__()
        # the pooler is not used: the last hidden state at the first position is taken
        self.text_encoder = BertModel(BertConfig(**_BERT), add_pooling_layer=False)
        self.text_projector = projector(_WIDTH)

    def forward(self, pieces: Tensor, mask: Tensor) -> Tensor:
        states = self.text_encoder(input_ids=pieces, attention_mask=mask).last_hidden_state
        embeddings: Tensor = self.text_projector(states[:, 0])
        return embeddings
