"""Writes expected_attribution.safetensors of tiny Llama models, in float64 by hand from their weights.

    python scripts/parity/attributionReference.py fixtures/llama2 fixtures/llama3

Python 3.11, torch 2.13.0, transformers 5.18.0. The target is the logit difference of the folder's expected.safetensors.
"""
import sys, torch
from pathlib import Path
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

torch.set_num_threads(1)
SPACE = 2

def rows_normalised(c):
    total = c.sum(-1, keepdim=True)
    return c / torch.where(total == 0, torch.ones_like(total), total)

def unit(x): return x / x.norm(dim=-1, keepdim=True)

class HotSoftmax(torch.autograd.Function):
    """Softmax whose gradient is taken at temperature 2, without a factor 1/2 (GIM)."""
    @staticmethod
    def forward(ctx, x): ctx.save_for_backward(x); return x.softmax(-1)
    @staticmethod
    def backward(ctx, g):
        s = (ctx.saved_tensors[0] / 2).softmax(-1)
        return s * (g - (s * g).sum(-1, keepdim=True))

class Scaled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor): ctx.factor = factor; return x.view_as(x)
    @staticmethod
    def backward(ctx, g): return g * ctx.factor, None

def edited_logits(model, E, rule):
    """Forward pass by hand with the backward edits of methods.md A.10 (cp) and A.12 (gim)."""
    config = model.config; H, G, K = config.num_attention_heads, config.num_key_value_heads, config.head_dim
    T = E.shape[0]
    norm = lambda m, x: m.weight * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + m.variance_epsilon).detach()
    cos, sin = model.model.rotary_emb(E[None], torch.arange(T)[None])
    half = lambda x: torch.cat([-x[..., K // 2:], x[..., :K // 2]], -1)
    rotate = lambda x: x * cos + half(x) * sin
    mask = torch.full((T, T), -torch.inf).double().triu(1)
    x = E
    for layer in model.model.layers:
        h = norm(layer.input_layernorm, x); a = layer.self_attn
        heads = lambda p, n: p(h).view(T, n, K).transpose(0, 1)
        qs, ks, v = rotate(heads(a.q_proj, H)), rotate(heads(a.k_proj, G)), heads(a.v_proj, G)
        if rule == "gim": qs, ks, v = Scaled.apply(qs, .25), Scaled.apply(ks, .25), Scaled.apply(v, .5)
        ks, v = ks.repeat_interleave(H // G, 0), v.repeat_interleave(H // G, 0)
        scores = qs @ ks.transpose(1, 2) / K ** 0.5 + mask
        weights = HotSoftmax.apply(scores) if rule == "gim" else scores.softmax(-1).detach()
        x = x + a.o_proj((weights @ v).transpose(0, 1).reshape(T, H * K))
        h = norm(layer.post_attention_layernorm, x); m = layer.mlp
        gate = torch.nn.functional.silu(m.gate_proj(h))
        product = (gate if rule == "gim" else gate.detach()) * m.up_proj(h)
        x = x + m.down_proj(Scaled.apply(product, .5) if rule == "gim" else product)
    return model.lm_head(norm(model.model.norm, x)[-1])

for folder in map(Path, sys.argv[1:]):
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").double().eval()
    fixture = load_file(folder / "expected.safetensors")
    target, foil = int(fixture["target"]), int(fixture["foil"])
    config, layers = model.config, model.model.layers
    H, G, K = config.num_attention_heads, config.num_key_value_heads, config.head_dim
    expected = {}
    for name in ("a", "b"):
        ids = fixture[f"{name}.input_ids"].long()[None]
        T = ids.shape[1]; q = T - 1
        E = model.get_input_embeddings()(ids).detach()
        space = model.get_input_embeddings()(torch.tensor(SPACE)).detach()
        inside, hooks = {}, []
        for l, layer in enumerate(layers):
            hooks.append(layer.register_forward_hook(lambda m, i, o, l=l: inside.__setitem__(("out", l), o[0] if isinstance(o, tuple) else o)))
            hooks.append(layer.register_forward_pre_hook(lambda m, i, l=l: inside.__setitem__(("in", l), i[0])))
            hooks.append(layer.self_attn.v_proj.register_forward_hook(lambda m, i, o, l=l: inside.__setitem__(("v", l), o)))
            hooks.append(layer.self_attn.register_forward_hook(lambda m, i, o, l=l: inside.__setitem__(("attn", l), o[0])))
        x = E.clone().requires_grad_()
        out = model(inputs_embeds=x, output_attentions=True)
        for h in hooks: h.remove()
        z = out.logits[0, -1]
        t = z[target] - z[foil]
        A = [a[0] for a in out.attentions]
        dA = torch.autograd.grad(t, out.attentions, retain_graph=True)
        r = torch.eye(T).double()[q]; c = r.clone()
        for l in reversed(range(len(A))):
            r = r @ (0.5 * A[l].mean(0) + 0.5 * torch.eye(T).double())
            c = c + c @ (A[l] * dA[l][0]).relu().mean(0)
        c = c - torch.eye(T).double()[q]
        expected[f"{name}.attention_rollout"], expected[f"{name}.grad_attention"] = r, c
        expected[f"{name}.attention_layer1_heads_0_3"] = A[1][[0, 3], q].mean(0)

        # Value zeroing: block recomputed with the value of one token zeroed.
        row = torch.eye(T).double()[q]
        with torch.no_grad():
            for l in reversed(range(len(A))):
                layer = layers[l]
                clean_in, clean_out = inside["in", l].detach()[0], inside["out", l].detach()
                clean_out = clean_out[0] if clean_out.dim() == 3 else clean_out
                v = inside["v", l].detach()[0].view(T, G, K).repeat_interleave(H // G, 1)
                C = torch.zeros(T, T).double()
                for j in range(T):
                    vz = v.clone(); vz[j] = 0
                    mixed = torch.einsum("hij,jhk->ihk", A[l], vz).reshape(T, H * K)
                    y = clean_in + layer.self_attn.o_proj(mixed)
                    y = y + layer.mlp(layer.post_attention_layernorm(y))
                    C[:, j] = 1 - (unit(y) * unit(clean_out)).sum(-1)
                C = torch.tril(C).clamp(min=0)
                row = row @ rows_normalised(C)
        expected[f"{name}.value_zeroing"] = row

        # ALTI-Logit.
        with torch.no_grad():
            last = inside["out", len(A) - 1].detach()
            last = last[0] if last.dim() == 3 else last
            norm = model.model.norm
            scale = torch.rsqrt(last[q].pow(2).mean() + norm.variance_epsilon)
            U = (model.lm_head.weight[target] - model.lm_head.weight[foil]) * norm.weight * scale
            M = torch.eye(T).double(); s = torch.zeros(T).double()
            for l in range(len(A)):
                layer = layers[l]
                v = inside["v", l].detach()[0].view(T, G, K).repeat_interleave(H // G, 1)
                WO = layer.self_attn.o_proj.weight.view(-1, H, K)
                f = torch.einsum("jhk,dhk->jhd", v, WO)
                Tij = torch.einsum("hij,jhd->ijd", A[l], f)
                s = s + (Tij[q] @ U) @ M
                xin = inside["in", l].detach()[0]
                Tij[range(T), range(T)] += xin
                y = Tij.sum(1)
                assert torch.allclose(y, xin + inside["attn", l].detach()[0])
                c = (y.abs().sum(-1)[:, None] - (Tij - y[:, None]).abs().sum(-1)).relu()
                M = rows_normalised(c) @ M
        expected[f"{name}.alti_logit"] = s

        for rule, reference in (("cp_lrp", torch.zeros_like(space)), ("gim", space)):
            x = E[0].clone().requires_grad_()
            logits = edited_logits(model, x, "gim" if rule == "gim" else "cp")
            assert torch.allclose(logits, z, atol=1e-4)
            g, = torch.autograd.grad(logits[target] - logits[foil], x)
            expected[f"{name}.{rule}"] = ((E[0] - reference) * g).sum(-1)
        assert torch.allclose(expected[f"{name}.cp_lrp"].sum(), t, atol=1e-4)
    expected = {k: v.detach().float().contiguous() for k, v in expected.items()}
    save_file(expected, folder / "expected_attribution.safetensors")
    print(folder, {k: tuple(v.shape) for k, v in expected.items()})
