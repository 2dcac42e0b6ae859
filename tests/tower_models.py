"""Two-tower models with random weights, saved as the real ones are published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
import torch

from espr.published.mtr.network import AudioTowerNetwork
from espr.published.mtr.text_network import TextTowerNetwork

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def mtr_state() -> dict[str, torch.Tensor]:
    """A state dict by the published names, parts that ESPR does not use included."""
    torch.manual_seed(1)
    audio, text = AudioTowerNetwork(), TextTowerNetwork()
    with torch.no_grad():
        for name, buffer in audio.named_buffers():
            if name.endswith("running_mean"):
                buffer.normal_()
            elif name.endswith("running_var"):
                buffer.uniform_(0.5, 2.0)
        front = audio.audio_encoder.frontend.input_bn
        front.running_mean.fill_(-30.0)  # decibels
        front.running_var.fill_(400.0)
        audio.audio_encoder.cls_token.normal_()
        audio.audio_encoder.pos_embedding.normal_()
    unused = {
        "logit_scale": torch.tensor(2.0),
        "text_encoder.embeddings.position_ids": torch.arange(512)[None],
        "text_encoder.pooler.dense.weight": torch.zeros(768, 768),
    }
    state = {**audio.state_dict(), **text.state_dict(), **unused}
    return {f"module.{name}": value for name, value in state.items()}


def write_archive(folder: Path, state: dict[str, torch.Tensor]) -> Path:
    """The unpacked archive: the model of the paper among others; the folder."""
    wanted = folder / "contrastive" / "bert_stochastic"
    other = folder / "triplet" / "bert_stochastic"
    for place, content in ((wanted, state), (other, {"module.x": torch.zeros(1)})):
        place.mkdir(parents=True)
        torch.save({"epoch": 7, "state_dict": content}, place / "best.pth")
    return folder


def write_clap(folder: Path, *, fusion: bool = False) -> Path:
    """A tiny CLAP model as ``save_pretrained`` writes it: weights, tokenizer, feature extractor."""
    import json

    from transformers import (
        ClapConfig,
        ClapFeatureExtractor,
        ClapModel,
        ClapProcessor,
        RobertaTokenizerFast,
    )

    folder.mkdir(parents=True)
    letters = [*"abcdefghijklmnopqrstuvwxyz,", "Ġ"]  # "Ġ" is a space in byte-level BPE
    vocabulary = {piece: at for at, piece in enumerate([*SPECIAL, *letters])}
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    extractor = ClapFeatureExtractor(truncation="fusion" if fusion else "rand_trunc")
    tokenizer = RobertaTokenizerFast.from_pretrained(folder)
    ClapProcessor(extractor, tokenizer).save_pretrained(folder)
    torch.manual_seed(0)
    text = {
        "vocab_size": len(vocabulary),
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "max_position_embeddings": 40,
        "projection_dim": 12,
        "initializer_range": 0.5,
    }
    audio = {
        "patch_embeds_hidden_size": 8,
        "depths": [1, 1, 1, 1],
        "num_attention_heads": [1, 1, 1, 1],
        "hidden_size": 64,
        "projection_dim": 12,
        "num_mel_bins": 64,
        "enable_fusion": fusion,
        "num_classes": 4,
    }
    config = ClapConfig(text_config=text, audio_config=audio, projection_dim=12)
    ClapModel(config).eval().save_pretrained(folder, safe_serialization=True)
    return folder


def write_noise(path: Path, seconds: float, seed: int = 0, rate: int = 16_000) -> np.ndarray:
    """A WAV file of noise whose level moves; its samples, shape=(n,), float32."""
    rng = np.random.default_rng(seed)
    levels = np.repeat(rng.uniform(0.01, 0.5, int(seconds * 4) + 1), rate // 4)
    samples = (levels * rng.normal(size=len(levels))).clip(-0.9, 0.9)[: round(seconds * rate)]
    # not as floats: such a file holds the time at which it was written
    written = np.rint(samples * 32_768).astype(np.int16)
    soundfile.write(path, written, rate, subtype="PCM_16")
    return (written / 32_768).astype(np.float32)
