"""Tiny GGUF models of every architecture by llama.cpp's own converter, and the logits that transformers computes.

    python scripts/gguf/modelsReference.py LLAMA_CPP fixtures/gguf/models [ARCHITECTURE...]

LLAMA_CPP is a checkout of llama.cpp (its converter; the one of llama-cpp-python 0.3.36 was used). Made with torch 2.13,
transformers 5.24, gguf 0.19. Where a file is not of type F32, transformers runs on the numbers that gguf-py reads back from
what its own quantisation writes, so that rounding is no difference. `expected.json` holds float32 logits as base64, for one
sequence of 24 tokens.
"""

import base64, json, sys, tempfile
from pathlib import Path

llama_cpp, out = Path(sys.argv[1]), Path(sys.argv[2])
sys.path[:0] = [str(llama_cpp / "gguf-py"), str(llama_cpp)]

import gguf, torch
from conversion import ModelBase, ModelType, load_all_models
from transformers import AutoConfig, AutoModelForCausalLM

torch.manual_seed(17)
torch.set_num_threads(1)
SIZES = dict(vocab_size=96, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=128, initializer_range=0.35)
LONG = dict(rope_type="longrope", short_factor=[1.0, 1.5, 2.0, 3.0], long_factor=[1.0, 2.0, 4.0, 8.0], rope_theta=10000.0)
LAYERS = dict(num_hidden_layers=4)
MODELS = {
    "llama": ("llama", "Q8_0", dict(SIZES, tie_word_embeddings=False)),
    "llama-scaled": ("llama", "F32", dict(SIZES, tie_word_embeddings=True, rope_parameters=dict(
        rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32, rope_theta=10000.0))),
    "llama-biased": ("llama", "F16", dict(SIZES, attention_bias=True)),
    "mistral": ("mistral", "F32", dict(SIZES, sliding_window=None, head_dim=16)),
    "qwen2": ("qwen2", "BF16", SIZES),
    "qwen3": ("qwen3", "Q8_0", dict(SIZES, head_dim=16)),
    "gemma": ("gemma", "F32", dict(SIZES, head_dim=8)),
    "gemma2": ("gemma2", "F32", dict(SIZES, head_dim=16, sliding_window=8, query_pre_attn_scalar=16)),
    "gemma3": ("gemma3_text", "F32", dict(SIZES, num_hidden_layers=6, head_dim=16, sliding_window=8, query_pre_attn_scalar=16,
        intermediate_size=32, rope_parameters=dict(full_attention=dict(rope_type="linear", factor=4.0, rope_theta=1e6),
        sliding_attention=dict(rope_type="default", rope_theta=1e4)))),
    "phi3": ("phi3", "F32", dict(SIZES, pad_token_id=0)),
    "phi3-long": ("phi3", "F32", dict(SIZES, pad_token_id=0, original_max_position_embeddings=64, sliding_window=16, rope_parameters=LONG)),
    "gpt2": ("gpt2", "Q8_0", dict(vocab_size=96, n_embd=32, n_layer=2, n_head=4, n_positions=128, initializer_range=0.35)),
    "gptneox": ("gpt_neox", "F32", dict(SIZES, rotary_pct=0.5)),
    "olmo2": ("olmo2", "F32", dict(SIZES, rms_norm_eps=1e-6)),
    "olmo3": ("olmo3", "F32", dict(SIZES, **LAYERS, sliding_window=8)),
    "smollm3": ("smollm3", "F32", dict(SIZES, **LAYERS, pad_token_id=0)),
    "granite": ("granite", "F32", dict(SIZES, embedding_multiplier=12.0, residual_multiplier=0.22, attention_multiplier=0.2,
        logits_scaling=4.0)),
    "phi2": ("phi", "F32", dict(SIZES, num_key_value_heads=4, intermediate_size=128, partial_rotary_factor=0.5)),
}


def tiny_vocabulary(self):
    """The converter's own vocabularies need tokenizers of the originals."""
    count = self.hparams["vocab_size"]
    self.gguf_writer.add_tokenizer_model("gpt2")
    self.gguf_writer.add_tokenizer_pre("gpt-2")
    letters = [chr(n) for n in [*range(33, 127), 256, 266]]
    self.gguf_writer.add_token_list(letters[:count])
    self.gguf_writer.add_token_types([1] * count)
    self.gguf_writer.add_token_merges(["a b"])
    self.gguf_writer.add_vocab_size(count)


def round_trip(model, kind):
    """Gives the model the numbers of a file of that type; the converter leaves norms, biases and positions in float32."""
    if kind == "F32":
        return
    for name, value in model.state_dict().items():
        if value.dim() < 2 or "wpe" in name:
            continue
        flip = model.config.model_type == "gpt2" and ".c_" in name
        numbers = (value.T if flip else value).float().contiguous().numpy()
        quant = gguf.GGMLQuantizationType[kind]
        read = torch.from_numpy(gguf.dequantize(gguf.quantize(numbers, quant), quant).copy()).float()
        value.copy_(read.T if flip else read)


def convert(folder, kind, file):
    load_all_models()
    config = json.load(open(folder / "config.json"))
    # What published configs of these families say and transformers 5 no longer writes.
    older = {"gpt2": {"n_ctx": config.get("n_positions")}, "gpt_neox": {"rotary_pct": 0.5}}.get(config["model_type"], {})
    # Gemma 3 only counts its tokens.
    vocabulary = {str(i): i for i in range(config["vocab_size"])}
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocabulary}, "added_tokens": []}))
    converter = ModelBase.from_model_architecture(config["architectures"][0], ModelType.TEXT)
    converter.set_vocab = tiny_vocabulary
    file_type = gguf.LlamaFileType.ALL_F32 if kind == "F32" else gguf.LlamaFileType[f"MOSTLY_{kind}"]
    instance = converter(folder, file_type, file, eager=True, model_name=file.stem)
    instance.hparams.update(older)
    instance.write()


expected_file = out / "expected.json"
out.mkdir(parents=True, exist_ok=True)
expected = json.load(open(expected_file)) if expected_file.exists() else {}
for name in sys.argv[3:] or MODELS:
    model_type, kind, sizes = MODELS[name]
    tied = {} if "tie_word_embeddings" in sizes or model_type.startswith(("gemma", "gpt2")) else {"tie_word_embeddings": False}
    config = AutoConfig.for_model(model_type, bos_token_id=1, eos_token_id=2, **sizes, **tied)
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").float().eval()
    with torch.no_grad():
        for key, value in model.named_parameters():
            if value.dim() == 1:
                value.add_(torch.randn_like(value) * 0.2)
        round_trip(model, kind)
    ids = torch.randint(3, config.vocab_size, (1, 24))
    logits = model(ids).logits[0].detach().float().numpy()
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        convert(Path(folder), kind, out / f"{name}.gguf")
    expected[name] = {"ids": ids[0].tolist(), "logits": base64.b64encode(logits.tobytes()).decode()}
    print(name, logits.shape, (out / f"{name}.gguf").stat().st_size)
    json.dump(expected, open(expected_file, "w"), indent="\t")
    open(expected_file, "a").write("\n")
