"""Tiny random models of many families with what transformers computes of them: one folder each, as fixtures/README.md says.

    OMP_NUM_THREADS=1 python scripts/parity/familyReference.py fixtures [NAME...]

config.json is written in the form in which such models are published, and read back by transformers, so that both sides
start from the same file. Written for torch 2.13 (CPU) and transformers 5.24.
"""

import json
import pathlib
import shutil
import sys

import torch
import transformers
from numpy.polynomial.legendre import leggauss
from safetensors.torch import save_file

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from makeFixtures import RULES, relevance  # noqa: E402

SEED, TARGET, FOIL = 7, 11, 29

TOKENS = dict(bos_token_id=1, eos_token_id=2, pad_token_id=0)
BASE = dict(TOKENS, vocab_size=128, hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=4,
            max_position_embeddings=128, initializer_range=0.02, use_cache=True, torch_dtype="float32")
GATED = dict(BASE, num_key_value_heads=2, hidden_act="silu", rms_norm_eps=1e-5, tie_word_embeddings=False)

CONFIGS = {
    "gpt_neox": dict(BASE, model_type="gpt_neox", hidden_act="gelu", layer_norm_eps=1e-5, rotary_pct=0.25,
                     rotary_emb_base=10000, use_parallel_residual=True, tie_word_embeddings=False),
    "gpt_neox_sequential": dict(BASE, model_type="gpt_neox", hidden_act="gelu_new", layer_norm_eps=1e-5, rotary_pct=1.0,
                                rotary_emb_base=500, use_parallel_residual=False, attention_bias=False,
                                tie_word_embeddings=False),
    "olmo2": dict(GATED, model_type="olmo2", rope_theta=500000, attention_bias=False),
    "olmo3": dict(GATED, model_type="olmo3", num_hidden_layers=4, rope_theta=500000, attention_bias=False, sliding_window=6,
                  layer_types=["sliding_attention"] * 3 + ["full_attention"],
                  rope_scaling=dict(rope_type="yarn", factor=8.0, original_max_position_embeddings=16,
                                    attention_factor=1.2, beta_fast=32, beta_slow=1)),
    "smollm3": dict(GATED, model_type="smollm3", num_hidden_layers=4, rope_theta=5000000.0, rms_norm_eps=1e-6,
                    no_rope_layers=[1, 1, 1, 0], no_rope_layer_interval=4, tie_word_embeddings=True, attention_bias=False,
                    mlp_bias=False, use_sliding_window=False, sliding_window=None, layer_types=["full_attention"] * 4),
    "gpt_neo": dict(TOKENS, model_type="gpt_neo", vocab_size=128, hidden_size=32, num_layers=4, num_heads=4, window_size=6,
                    max_position_embeddings=64, attention_types=[[["global", "local"], 2]], intermediate_size=None,
                    activation_function="gelu_new", layer_norm_epsilon=1e-5, torch_dtype="float32"),
    "granite": dict(GATED, model_type="granite", rope_theta=10000.0, attention_bias=False, mlp_bias=False,
                    attention_multiplier=0.2, embedding_multiplier=3.0, logits_scaling=2.5, residual_multiplier=0.6,
                    tie_word_embeddings=True),
    "granitemoehybrid": dict(GATED, model_type="granitemoehybrid", rope_theta=10000, attention_bias=False,
                             layer_types=["attention"] * 3, attention_multiplier=0.2, embedding_multiplier=3,
                             logits_scaling=2, residual_multiplier=0.6, tie_word_embeddings=True, num_local_experts=0,
                             num_experts_per_tok=0, shared_intermediate_size=48, position_embedding_type="rope",
                             mamba_n_heads=4, mamba_d_head=16, mamba_n_groups=1, mamba_d_state=8, mamba_d_conv=4,
                             mamba_expand=2, mamba_chunk_size=8, mamba_conv_bias=True, mamba_proj_bias=False),
    "ministral3": dict(GATED, model_type="ministral3", head_dim=12, sliding_window=None,
                       rope_parameters=dict(rope_type="yarn", type="yarn", rope_theta=1000000.0, factor=4.0,
                                            original_max_position_embeddings=32, max_position_embeddings=128,
                                            beta_fast=32.0, beta_slow=1.0, mscale=1.0, mscale_all_dim=1.0,
                                            llama_4_scaling_beta=0.1)),
    "phi": dict(BASE, model_type="phi", hidden_act="gelu_new", layer_norm_eps=1e-5, partial_rotary_factor=0.5,
                rope_theta=10000.0, qk_layernorm=False, num_key_value_heads=None, tie_word_embeddings=False),
    "gemma": dict(GATED, model_type="gemma", head_dim=12, hidden_act="gelu", hidden_activation=None, rope_theta=10000.0,
                  num_key_value_heads=1, tie_word_embeddings=True),
    "qwen3_moe": dict(GATED, model_type="qwen3_moe", head_dim=12, num_experts=5, num_experts_per_tok=2, norm_topk_prob=True,
                      moe_intermediate_size=16, decoder_sparse_step=1, mlp_only_layers=[1], rope_theta=1000000.0,
                      attention_bias=False, max_window_layers=3, sliding_window=None, use_sliding_window=False,
                      output_router_logits=False, router_aux_loss_coef=0.001),
    "olmoe": dict(GATED, model_type="olmoe", intermediate_size=16, num_experts=6, num_experts_per_tok=3, norm_topk_prob=False,
                  clip_qkv=None, attention_bias=False, rope_theta=10000.0, rope_scaling=None),
    "mixtral": dict(GATED, model_type="mixtral", intermediate_size=24, num_local_experts=4, num_experts_per_tok=2,
                    rope_theta=1000000.0, sliding_window=None, router_jitter_noise=0.0),
    "qwen2_moe": dict(GATED, model_type="qwen2_moe", num_experts=5, num_experts_per_tok=2, norm_topk_prob=False,
                      moe_intermediate_size=16, shared_expert_intermediate_size=20, decoder_sparse_step=2,
                      rope_theta=1000000.0, max_window_layers=3, sliding_window=32768, use_sliding_window=False),
    "gemma3_wrapper": dict(
        model_type="gemma3", image_token_index=127, boi_token_index=125, eoi_token_index=126, mm_tokens_per_image=4,
        initializer_range=0.02, torch_dtype="float32",
        text_config=dict(TOKENS, model_type="gemma3_text", vocab_size=128, hidden_size=32, intermediate_size=48,
                         num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2, head_dim=12,
                         query_pre_attn_scalar=10, sliding_window=6, sliding_window_pattern=2,
                         rope_scaling=dict(factor=8.0, rope_type="linear")),
        vision_config=dict(model_type="siglip_vision_model", hidden_size=8, intermediate_size=8, num_hidden_layers=1,
                           num_attention_heads=1, image_size=8, patch_size=4)),
    "mistral3_wrapper": dict(
        model_type="mistral3", image_token_index=10, multimodal_projector_bias=False, projector_hidden_act="gelu",
        spatial_merge_size=2, vision_feature_layer=-1, torch_dtype="float32",
        text_config=dict(GATED, model_type="mistral", head_dim=12, rope_theta=1000000.0, sliding_window=None),
        vision_config=dict(model_type="pixtral", hidden_size=8, intermediate_size=8, num_hidden_layers=1,
                           num_attention_heads=1, head_dim=8, image_size=8, patch_size=4)),
}


def randomise(model, kind):
    draw = torch.Generator().manual_seed(SEED)
    for name, parameter in model.named_parameters():
        values = torch.randn(parameter.shape, generator=draw)
        is_gemma = kind.startswith("gemma")
        if name.endswith("bias"):
            parameter.data = values * 0.3
        elif "norm" in name or ".ln_" in name:
            parameter.data = values * 0.3 + (0 if is_gemma else 1)
        elif "embed" in name or "wte" in name:
            parameter.data = values * (0.2 if is_gemma else 1)
        elif "gate.weight" in name or "shared_expert_gate" in name:
            parameter.data = values * 0.5
        else:
            parameter.data = values * 0.17


def save(folder, config):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    written = json.dumps(config, indent=2) + "\n"
    (folder / "config.json").write_text(written)
    read = transformers.AutoConfig.from_pretrained(folder)
    kind = transformers.AutoModelForImageTextToText if "text_config" in config else transformers.AutoModelForCausalLM
    model = kind.from_config(read, attn_implementation="eager")
    randomise(model, config["model_type"])
    model.save_pretrained(folder)
    (folder / "config.json").write_text(written)
    (folder / "generation_config.json").unlink(missing_ok=True)
    return kind.from_pretrained(folder, attn_implementation="eager").float().eval()


def expected_of(model, name, length):
    ids = torch.randint(3, model.get_input_embeddings().weight.shape[0], (1, length))
    looked_up = model.get_input_embeddings()(ids).detach()
    first = model(inputs_embeds=looked_up, output_hidden_states=True).hidden_states[0].detach()
    has_positions = name in ("gpt_neo",)
    factor = 1.0 if has_positions else float((first / looked_up).mean())
    embeds = (looked_up * factor).requires_grad_()
    run = lambda rows, **options: model(inputs_embeds=rows / factor, use_cache=False, **options)
    out = run(embeds, output_attentions=True, output_hidden_states=True)
    last = out.logits[0, -1]
    gradient = lambda value, of: torch.autograd.grad(value, of, retain_graph=True)
    neutral = model.get_input_embeddings()(torch.tensor(2)).detach() * factor

    baseline = embeds.detach().clone()
    baseline[0, 2:-2] = neutral
    integral = torch.zeros(length)
    for node, weight in zip(*leggauss(64)):
        point = (baseline + (node + 1) / 2 * (embeds.detach() - baseline)).requires_grad_()
        z = run(point).logits[0, -1]
        step = torch.autograd.grad(z[TARGET] - z[FOIL], point)[0] * (embeds.detach() - baseline)
        integral += weight / 2 * step.sum(-1)[0]

    greedy = ids
    with torch.no_grad():
        for _ in range(8):
            greedy = torch.cat([greedy, model(greedy, use_cache=False).logits[:, -1].argmax(-1, keepdim=True)], 1)

    return {
        "input_ids": ids[0], "logits": out.logits[0], "embeds": embeds[0],
        "attentions": torch.cat(out.attentions), "hidden_states": torch.cat(out.hidden_states),
        "grad_logit": gradient(last[TARGET], embeds)[0][0],
        "grad_diff": gradient(last[TARGET] - last[FOIL], embeds)[0][0],
        "grad_logprob": gradient(last.log_softmax(-1)[TARGET], embeds)[0][0],
        "grad_attn": torch.cat(gradient(last[TARGET], out.attentions)),
        "ig_diff": integral, "greedy": greedy[0, length:],
    }


def main(root, names):
    for name in names or CONFIGS:
        folder = root / name
        model = save(folder, CONFIGS[name])
        torch.manual_seed(SEED)
        relevances = {}
        expected = {"target": torch.tensor(TARGET), "foil": torch.tensor(FOIL)}
        for sequence, length in [("a", 7), ("b", 21)]:
            tensors = expected_of(model, name, length)
            expected |= {f"{sequence}.{key}": value.detach().contiguous().clone() for key, value in tensors.items()}
            ids = tensors["input_ids"].tolist()
            relevances |= {f"{sequence}.{key}": relevance(model, ids, TARGET, rules) for key, rules in RULES.items()}
        save_file({key: value.detach().contiguous().clone() for key, value in relevances.items()},
                  folder / "expected_lrp.safetensors")
        save_file(expected, folder / "expected.safetensors")
        print(name, sum(file.stat().st_size for file in folder.iterdir()) // 1000, "kB", flush=True)


main(pathlib.Path(sys.argv[1]), sys.argv[2:])
