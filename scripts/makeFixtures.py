"""Makes folders in the form of fixtures/README.md with PyTorch and transformers: tiny random models of every decoder
family in usual and unusual sizes, with logits, attention, gradients, Integrated Gradients, greedy tokens, relevances.

    OMP_NUM_THREADS=1 python scripts/makeFixtures.py FOLDER [--seed N] [--only NAME ...]
    python scripts/makeFixtures.py --list
    for f in FOLDER/*/; do npm run parity -- $f; done

Needs torch, transformers, safetensors and numpy; written for torch 2.13 (CPU) and transformers 5.18. Relevances follow
the formulas of the papers, by other forward functions for the modules of transformers, so that they share nothing with
the TypeScript code: AttnLRP (Achtibat et al. 2024), CP-LRP (Ali et al. 2022), GIM (Edin et al. 2025), with zero as the
reference. AttnLRP made here equals that of LXT in fixtures/ (llama2, llama3, qwen2, qwen3) within 4e-6.
"""

import argparse
import contextlib
import copy
import dataclasses
import functools
import importlib
import pathlib
from unittest import mock

import numpy
import torch
import transformers
from safetensors.torch import save_file

SMALL = dict(vocab_size=97, hidden_size=24, intermediate_size=40, num_hidden_layers=3, max_position_embeddings=64)
GROUPED = SMALL | dict(num_attention_heads=4, num_key_value_heads=2)
WIDE_HEADS = SMALL | dict(num_attention_heads=3, num_key_value_heads=1, head_dim=10)
NO_GROUPS = SMALL | dict(num_attention_heads=4, num_key_value_heads=4)
TWO_HEADS = SMALL | dict(num_attention_heads=2, num_key_value_heads=1)
TIED, UNTIED = dict(tie_word_embeddings=True), dict(tie_word_embeddings=False)
WINDOW = dict(sliding_window=3)
CAPS = dict(attn_logit_softcapping=4.0, final_logit_softcapping=6.0)
NO_CAPS = dict(attn_logit_softcapping=None, final_logit_softcapping=None)
GPT2 = dict(vocab_size=97, n_positions=64, n_embd=24, n_layer=3, n_head=4)
FACTORS = dict(short_factor=[1.0, 1.3, 1.6], long_factor=[2.0, 2.6, 3.2])


def rope(kind, theta=300.0, **more):
    return dict(rope_parameters=dict(rope_type=kind, rope_theta=theta, **more))


def layers(kinds):
    """Returns the keys for a letter per layer: s slides, f sees all."""
    names = {"s": "sliding_attention", "f": "full_attention"}
    return dict(num_hidden_layers=len(kinds), layer_types=[names[kind] for kind in kinds])


LLAMA3_ROPE = rope("llama3", factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=16)
YARN = dict(factor=4.0, original_max_position_embeddings=16)
LONGROPE = rope("longrope", original_max_position_embeddings=32, factor=2.0, **FACTORS)
TWO_ROPES = dict(rope_parameters=dict(
    full_attention=dict(rope_type="linear", factor=3.0, rope_theta=2000.0),
    sliding_attention=dict(rope_type="default", rope_theta=50.0),
))

# name: (config class, keys). Usual sizes first in each family, then what is odd about each.
CONFIGURATIONS = {
    "llama": ("Llama", GROUPED),
    "llama_wide_heads_tied": ("Llama", WIDE_HEADS | TIED),
    "llama_biases_gelu": ("Llama", NO_GROUPS | dict(attention_bias=True, mlp_bias=True, hidden_act="gelu")),
    "llama_one_head": ("Llama", SMALL | dict(num_hidden_layers=1, num_attention_heads=1, head_dim=6)),
    "llama_rope_llama3": ("Llama", GROUPED | LLAMA3_ROPE),
    "llama_rope_linear": ("Llama", GROUPED | rope("linear", factor=2.5)),
    "llama_rope_dynamic": ("Llama", GROUPED | rope("dynamic", factor=2.0)),
    "llama_rope_longrope": ("Llama", GROUPED | LONGROPE),
    "llama_rope_yarn": ("Llama", WIDE_HEADS | rope("yarn", **YARN)),
    "llama_rope_yarn_mscale": (
        "Llama",
        GROUPED | rope("yarn", **YARN, mscale=0.7, mscale_all_dim=0.4, beta_fast=8.0, beta_slow=0.5, truncate=False),
    ),
    "mistral": ("Mistral", GROUPED | WINDOW),
    "mistral_no_window": ("Mistral", WIDE_HEADS | TIED | dict(sliding_window=None)),
    "mistral_window_one": ("Mistral", NO_GROUPS | dict(sliding_window=1)),
    "qwen2": ("Qwen2", GROUPED),
    "qwen2_late_windows": ("Qwen2", NO_GROUPS | TIED | WINDOW | dict(use_sliding_window=True, max_window_layers=1)),
    "qwen2_wide_heads_yarn": ("Qwen2", WIDE_HEADS | rope("yarn", **YARN, attention_factor=1.3)),
    "qwen3": ("Qwen3", WIDE_HEADS),
    "qwen3_biases_windows": (
        "Qwen3",
        NO_GROUPS | TIED | WINDOW | layers("sfs") | dict(head_dim=8, attention_bias=True, use_sliding_window=True),
    ),
    "gemma2": ("Gemma2", WIDE_HEADS | WINDOW | CAPS | dict(query_pre_attn_scalar=7)),
    "gemma2_no_caps": (
        "Gemma2",
        NO_GROUPS | UNTIED | WINDOW | NO_CAPS | layers("ffs") | dict(head_dim=4, attention_bias=True),
    ),
    "gemma3": ("Gemma3Text", WIDE_HEADS | WINDOW | TWO_ROPES | layers("sfsf") | dict(query_pre_attn_scalar=7)),
    "gemma3_biases_logit_cap": (
        "Gemma3Text",
        NO_GROUPS | UNTIED | WINDOW
        | dict(num_hidden_layers=7, head_dim=8, attention_bias=True, final_logit_softcapping=5.0),
    ),
    "phi3": ("Phi3", GROUPED | WINDOW | dict(pad_token_id=0)),
    "phi3_partial_rotary": (
        "Phi3",
        TWO_HEADS | TIED | rope("default", partial_rotary_factor=0.75) | dict(pad_token_id=0),
    ),
    "phi3_longrope": (
        "Phi3",
        TWO_HEADS | rope("longrope", partial_rotary_factor=0.5, **FACTORS)
        | dict(pad_token_id=0, original_max_position_embeddings=32),
    ),
    "gpt2": ("GPT2", GPT2),
    "gpt2_by_layer": (
        "GPT2",
        GPT2 | UNTIED | dict(n_head=2, n_inner=30, activation_function="gelu", scale_attn_by_inverse_layer_idx=True),
    ),
    "gpt2_unscaled": ("GPT2", GPT2 | dict(n_head=6, scale_attn_weights=False, reorder_and_upcast_attn=True)),
}


def build(name, seed):
    """Returns the model with all parameters random: weights normal, norm weights around their neutral value."""
    family, keys = CONFIGURATIONS[name]
    config = getattr(transformers, f"{family}Config")(**copy.deepcopy(keys))
    model = transformers.AutoModelForCausalLM.from_config(config, attn_implementation="eager").float().eval()
    generator = torch.Generator().manual_seed(seed)
    for path, parameter in sorted(model.named_parameters()):
        noise = torch.randn(parameter.shape, generator=generator)
        is_norm = parameter.dim() == 1 and not path.endswith("bias")
        neutral = 1.0 if is_norm and "Gemma" not in family else 0.0
        spread = 0.2 if parameter.dim() == 1 else 0.35
        parameter.data = neutral + spread * noise
    return model


def forward(model, embeds):
    """Returns logits [T, V], L attentions [1, H, T, T] and hidden states [L+1, T, D] of embeddings [T, D]."""
    out = model(inputs_embeds=embeds[None], output_attentions=True, output_hidden_states=True, use_cache=False)
    return out.logits[0], out.attentions, torch.cat(out.hidden_states)


def expectations(model, ids, target, foil):
    """Returns the tensors of one sequence by name."""
    embeds = model.get_input_embeddings()(torch.tensor(ids)).detach().requires_grad_()
    logits, attentions, hidden_states = forward(model, embeds)
    last = logits[-1]
    difference = last[target] - last[foil]
    gradient = lambda y: torch.autograd.grad(y, embeds, retain_graph=True)[0]
    return {
        "input_ids": torch.tensor(ids),
        "logits": logits,
        "attentions": torch.cat(attentions),
        "hidden_states": hidden_states,
        "embeds": embeds,
        "grad_logit": gradient(last[target]),
        "grad_diff": gradient(difference),
        "grad_logprob": gradient(last.log_softmax(-1)[target]),
        "grad_attn": torch.cat(torch.autograd.grad(last[target], attentions, retain_graph=True)),
        "ig_diff": integrated_gradients(model, ids, embeds.detach(), target, foil),
        "greedy": greedy(model, ids, 8),
    }


def integrated_gradients(model, ids, embeds, target, foil, nodes=64):
    """Returns Integrated Gradients [T] of the logit difference from the embedding of token 2 on positions 2..T-3."""
    baseline_ids = [2 if 2 <= i <= len(ids) - 3 else token for i, token in enumerate(ids)]
    baseline = model.get_input_embeddings()(torch.tensor(baseline_ids)).detach()
    total = torch.zeros(len(ids))
    for x, weight in zip(*numpy.polynomial.legendre.leggauss(nodes)):
        point = (baseline + (1 + x) / 2 * (embeds - baseline)).float().requires_grad_()
        last = forward(model, point)[0][-1]
        gradient = torch.autograd.grad(last[target] - last[foil], point)[0]
        total += weight / 2 * (gradient * (embeds - baseline)).sum(-1)
    return total


@torch.no_grad()
def greedy(model, ids, count):
    """Returns the most probable continuation, every token by a pass of its own."""
    tokens = list(ids)
    for _ in range(count):
        tokens.append(int(model(torch.tensor([tokens])).logits[0, -1].argmax()))
    return torch.tensor(tokens[len(ids):])


# --- Relevances: transformers' modules with other backward passes --------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Rules:
    """What each rule does to the backward pass: factors of gradients (0: detached), and three switches."""

    query_key: float
    value: float
    gate: float
    product: float
    activation_as_factor: bool
    cap_as_factor: bool
    temperature: float = 1.0


RULES = {
    "attnlrp_logit": Rules(0.25, 0.5, 1.0, 0.5, activation_as_factor=True, cap_as_factor=True),
    "cplrp_logit": Rules(0.0, 1.0, 0.0, 1.0, activation_as_factor=True, cap_as_factor=True),
    "gim_logit": Rules(0.25, 0.5, 1.0, 0.5, activation_as_factor=False, cap_as_factor=False, temperature=2.0),
}


def scaled_gradient(x, factor):
    """Returns x, whose gradient is multiplied by a factor."""
    return x.detach() + factor * (x - x.detach())


class TemperedSoftmax(torch.autograd.Function):
    """Softmax whose gradient is taken at softmax(scores / temperature), without a factor 1 / temperature."""

    @staticmethod
    def forward(context, scores, temperature):
        context.save_for_backward((scores / temperature).softmax(-1))
        return scores.softmax(-1)

    @staticmethod
    def backward(context, dy):
        (s,) = context.saved_tensors
        return s * (dy - (s * dy).sum(-1, keepdim=True)), None


def as_factor(x, y):
    """Returns y as x times a constant."""
    return x * torch.where(x.abs() < 1e-6, torch.ones_like(x), y / x).detach()


def cap(x, bound, rules):
    """Returns bound * tanh(x / bound)."""
    if bound is None:
        return x
    y = bound * torch.tanh(x / bound)
    return as_factor(x, y) if rules.cap_as_factor else y


def norm_forward(module):
    """Returns the forward function of an RMSNorm or LayerNorm with a constant factor."""
    def rms(x):
        weight = 1 + module.weight if "Gemma" in type(module).__name__ else module.weight
        epsilon = getattr(module, "eps", None) or module.variance_epsilon
        return weight * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + epsilon).detach()

    def layer(x):
        centred = x - x.mean(-1, keepdim=True)
        factor = torch.rsqrt(centred.pow(2).mean(-1, keepdim=True) + module.eps).detach()
        return centred * factor * module.weight + module.bias

    return layer if isinstance(module, torch.nn.LayerNorm) else rms


def mlp_forward(module, rules):
    """Returns the forward function of a gated or plain MLP."""
    activation = next(getattr(module, name) for name in ("act_fn", "activation_fn", "activation", "act") if hasattr(module, name))

    def activate(x):
        return as_factor(x, activation(x)) if rules.activation_as_factor else activation(x)

    def separate(x):
        gate = scaled_gradient(activate(module.gate_proj(x)), rules.gate)
        return module.down_proj(scaled_gradient(gate * module.up_proj(x), rules.product))

    def joined(widen, narrow):
        def forward(x):
            gate, up = widen(x).chunk(2, -1)
            return narrow(scaled_gradient(scaled_gradient(activate(gate), rules.gate) * up, rules.product))

        return forward

    if hasattr(module, "gate_proj"):
        return separate
    for widen, narrow in (("gate_up_proj", "down_proj"), ("input_linear", "output_linear")):
        if hasattr(module, widen):
            return joined(getattr(module, widen), getattr(module, narrow))
    names = (("c_fc", "c_proj"), ("dense_h_to_4h", "dense_4h_to_h"), ("fc1", "fc2"))
    widen, narrow = next((getattr(module, a), getattr(module, b)) for a, b in names if hasattr(module, a))
    return lambda x: narrow(activate(widen(x)))


def experts_forward(module, rules):
    """Returns the forward function of the experts of a mixture; a routing weight times an expert's output is a product."""
    activate = lambda x: as_factor(x, module.act_fn(x)) if rules.activation_as_factor else module.act_fn(x)

    def forward(x, chosen, weights):
        rows = []
        for row, experts, shares in zip(x, chosen, weights):
            total = torch.zeros_like(row)
            for expert, share in zip(experts, shares):
                gate, up = (module.gate_up_proj[expert] @ row).chunk(2, -1)
                inner = scaled_gradient(scaled_gradient(activate(gate), rules.gate) * up, rules.product)
                given = module.down_proj[expert] @ inner
                total = total + scaled_gradient(given * scaled_gradient(share, rules.gate), rules.product)
            rows.append(total)
        return torch.stack(rows)

    return forward


def shared_expert_forward(module, rules):
    """Returns the forward function of a mixture with an expert for all rows, whose gate is a product, too."""
    def forward(x):
        rows = x.reshape(-1, x.shape[-1])
        share = scaled_gradient(torch.sigmoid(module.shared_expert_gate(rows)), rules.gate)
        shared = scaled_gradient(share * module.shared_expert(rows), rules.product)
        _, weights, chosen = module.gate(rows)
        return (module.experts(rows, chosen, weights) + shared).reshape(x.shape)

    return forward


def unfused_attention(rules):
    """Returns a replacement of `_attn` of GPT-Neo, whose windows lie in a buffer of the module."""
    attend = attention_function(rules)

    def forward(module, query, key, value, attention_mask=None):
        tokens = query.shape[-2]
        seen = module.bias[0, 0, :tokens, :tokens]
        mask = torch.zeros(seen.shape).masked_fill(~seen, torch.finfo(query.dtype).min)
        output, weights = attend(module, query, key, value, mask, scaling=1.0)
        return output.transpose(1, 2), weights

    return forward


def attention_function(rules):
    """Returns a replacement of transformers' `eager_attention_forward`."""
    def attend(module, query, key, value, attention_mask, scaling=None, softcap=None, **_):
        query, key = scaled_gradient(query, rules.query_key), scaled_gradient(key, rules.query_key)
        value = scaled_gradient(value, rules.value)
        groups = query.shape[1] // key.shape[1]
        key, value = key.repeat_interleave(groups, 1), value.repeat_interleave(groups, 1)
        scores = cap(query @ key.transpose(2, 3) * scaling, softcap, rules)
        weights = TemperedSoftmax.apply(scores + attention_mask, rules.temperature)
        return (weights @ value).transpose(1, 2).contiguous(), weights

    return attend


def relevance(model, ids, target, rules):
    """Returns sum_k E_ik g_ik [T] of the target logit, g the gradient under the rules."""
    modelings = [importlib.import_module(name) for name in {type(module).__module__ for module in model.modules()}]
    decoder = model.get_decoder()
    with contextlib.ExitStack() as patches:
        for modeling in modelings:
            if hasattr(modeling, "eager_attention_forward"):
                patches.enter_context(mock.patch.object(modeling, "eager_attention_forward", attention_function(rules)))
        for module in model.modules():
            kind = type(module).__name__
            if kind.endswith("RMSNorm") or kind == "LayerNorm":
                patches.enter_context(mock.patch.object(module, "forward", norm_forward(module)))
            elif kind.endswith("MLP"):
                patches.enter_context(mock.patch.object(module, "forward", mlp_forward(module, rules)))
            elif kind.endswith("Experts"):
                patches.enter_context(mock.patch.object(module, "forward", experts_forward(module, rules)))
            elif hasattr(module, "shared_expert_gate"):
                patches.enter_context(mock.patch.object(module, "forward", shared_expert_forward(module, rules)))
            elif hasattr(module, "_attn"):
                attend = functools.partial(unfused_attention(rules), module)
                patches.enter_context(mock.patch.object(module, "_attn", attend))
            elif hasattr(module, "reorder_and_upcast_attn"):
                patches.enter_context(mock.patch.object(module, "reorder_and_upcast_attn", False))
        embeds = model.get_input_embeddings()(torch.tensor([ids])).detach().requires_grad_()
        rows = decoder(inputs_embeds=embeds, use_cache=False).last_hidden_state
        config = model.config.get_text_config()
        logits = model.lm_head(rows) / getattr(config, "logits_scaling", 1.0)
        logits = cap(logits, getattr(config, "final_logit_softcapping", None), rules)
        (gradient,) = torch.autograd.grad(logits[0, -1, target], embeds)
    return (gradient * embeds).sum(-1)[0]


def write(model, folder, seed):
    """Writes the model and what is expected of it for sequences of 7 and 21 tokens."""
    generator = torch.Generator().manual_seed(seed)
    vocabulary = model.config.vocab_size
    expected = {"target": torch.tensor(17), "foil": torch.tensor(23)}
    relevances = {}
    for sequence, length in (("a", 7), ("b", 21)):
        ids = torch.randint(3, vocabulary, (length,), generator=generator).tolist()
        tensors = expectations(model, ids, 17, 23)
        expected |= {f"{sequence}.{key}": value for key, value in tensors.items()}
        relevances |= {f"{sequence}.{key}": relevance(model, ids, 17, rules) for key, rules in RULES.items()}
    model.save_pretrained(folder)
    for extra in folder.glob("generation_config.json"):
        extra.unlink()
    for name, tensors in (("expected", expected), ("expected_lrp", relevances)):
        save_file({k: v.detach().contiguous().clone() for k, v in tensors.items()}, folder / f"{name}.safetensors")


def main():
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=pathlib.Path, nargs="?")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--only", nargs="+", default=CONFIGURATIONS, choices=CONFIGURATIONS, metavar="NAME")
    arguments.add_argument("--list", action="store_true")
    given = arguments.parse_args()
    if given.list or given.folder is None:
        print("\n".join(CONFIGURATIONS))
        return
    for name in given.only:
        write(build(name, given.seed), given.folder / name, given.seed)
        print(name)


if __name__ == "__main__":
    main()
