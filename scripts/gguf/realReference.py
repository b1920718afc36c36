"""Numbers of a published GGUF model by other programs, for `npm run test:models`.

    python scripts/gguf/realReference.py MODEL.gguf NODE_LLAMA_CPP fixtures/gguf/real/NAME.json

Token ids are llama.cpp's (`llamaTokens.mjs`), but for the texts of `OTHERWISE`, where llama.cpp departs from the tokenizer
that the model was trained with: these are transformers' on the file's tokenizer, and llama.cpp's stand beside them. Logits, label scores, attention and gradients are those of transformers 5.24
(torch 2.13, float32, eager attention) on the file as transformers opens it; that its weights are the numbers that gguf-py
0.19 decodes is checked first. None of it comes from this program.
"""

import json, subprocess, sys
from pathlib import Path

import gguf, numpy as np, torch
from tokenizers import normalizers
from transformers import AutoModelForCausalLM, AutoTokenizer

file, library, out = Path(sys.argv[1]).resolve(), sys.argv[2], Path(sys.argv[3])
torch.set_num_threads(2)

TEXTS = [
    "A dull film with a wonderful cast that cannot save it.",
    "Hello  world, 1234567 naïve café 🦷\n\n<|im_start|>x",
    "   three spaces, a\ttab,\r\nlines\n\n\nand an end ",
    "don't can't we'll I'M O'Neill — “quotes” … 3.14159 x²",
    "def f(x):\n    return x ** 2  # größer als 北京市 и Москва\n",
    "العربية हिन्दी 日本語テスト 한국어 👩‍👩‍👧 e\u0301 ﬁ ½",
    "<|im_start|>user\nIs this good?<|im_end|>\n<|im_start|>assistant\n",
    "<bos><start_of_turn>user\nHi<end_of_turn>\n",
    "", " ", "\n", "▁a ▁▁ b", "<0x41>", "ALLCAPS MixedCase snake_case camelCase",
]
# Google's SentencePiece 0.2.2 on Gemma's vocabulary, with the kinds of tokens that the file states, gives transformers' ids.
OTHERWISE = {
    "gemma3": {"▁a ▁▁ b": "llama.cpp looks for tokens of several spaces among real spaces only, and does not put them together from ▁; "
               "SentencePiece and transformers do"},
    "qwen2": {"العربية हिन्दी 日本語テスト 한국어 👩‍👩‍👧 e\u0301 ﬁ ½": "llama.cpp does not compose characters (NFC), as the tokenizer.json of Qwen does"},
}
PROMPT = "Review: A dull film with a wonderful cast that cannot save it.\nIs this review positive or negative? It is"
LABELS = [" positive", " negative", " very mixed"]


def tokens(texts):
    script = Path(__file__).with_name("llamaTokens.mjs")
    done = subprocess.run(["node", script, library, file], input=json.dumps(texts), text=True, capture_output=True, check=True)
    return json.loads(done.stdout)


def check_weights(model):
    """Compares matrices that transformers decoded with gguf-py's; rows of queries may be permuted, so sorted rows are compared."""
    tensors = {t.name: t for t in gguf.GGUFReader(file).tensors}
    names = {"blk.0.attn_q": "model.layers.0.self_attn.q_proj", "blk.1.ffn_down": "model.layers.1.mlp.down_proj",
             "token_embd": "model.embed_tokens", "blk.0.ffn_up": "model.layers.0.mlp.up_proj"}
    state = model.state_dict()
    for ours, theirs in names.items():
        stored = tensors[ours + ".weight"]
        decoded = gguf.dequantize(stored.data, stored.tensor_type)
        loaded = state[theirs + ".weight"].float().numpy()
        order = lambda rows: rows[np.lexsort(rows.T[:4])]
        assert np.array_equal(order(decoded.reshape(loaded.shape)), order(loaded)), ours


model = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32, attn_implementation="eager").eval()
assert model.dtype == torch.float32
check_weights(model)

all_ids = tokens(TEXTS + [PROMPT] + [PROMPT + label for label in LABELS])
prompt = all_ids[len(TEXTS)]
labels = [ids[len(prompt):] for ids in all_ids[len(TEXTS) + 1:]]
assert all(ids[:len(prompt)] == prompt for ids in all_ids[len(TEXTS) + 1:])
target, foil = labels[0][0], labels[1][0]

kind = str(gguf.GGUFReader(file).fields["general.architecture"].contents())
otherwise = OTHERWISE.get(kind, {})
tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name) if otherwise else None
if kind == "qwen2":
    # As `Qwen2Tokenizer` does for the tokenizer.json of these models; transformers' way from GGUF leaves it out.
    tokenizer.backend_tokenizer.normalizer = normalizers.NFC()


def encoded(text, ids):
    if text not in otherwise:
        return {"text": text, "ids": ids}
    original = tokenizer(text, add_special_tokens=False).input_ids
    start = [ids[0]] if ids[:1] == [tokenizer.bos_token_id] else []
    assert start + original != ids, text
    return {"text": text, "ids": start + original, "llamaCpp": ids, "why": otherwise[text]}


embeds = model.get_input_embeddings()(torch.tensor([prompt])).detach().requires_grad_()
# Gemma scales embeddings inside its table's forward; `inputs_embeds` is what follows it.
result = model(inputs_embeds=embeds, output_attentions=True)
logits = result.logits[0]
(gradient,) = torch.autograd.grad(logits[-1, target] - logits[-1, foil], embeds)
gradient, embeds = gradient[0], embeds.detach()[0]
chosen = sorted({*np.random.default_rng(17).integers(0, logits.shape[1], 24).tolist(), target, foil,
                 *logits[-1].topk(8).indices.tolist()})

scores = []
with torch.no_grad():
    for label in labels:
        all_logits = model(torch.tensor([prompt + label])).logits[0].log_softmax(-1)
        scores.append(sum(all_logits[len(prompt) - 1 + i, token].item() for i, token in enumerate(label)))

numbers = lambda tensor: [float(f"{value:.9g}") for value in tensor.detach().float().flatten().tolist()]
reference = {
    "file": file.name,
    "texts": [encoded(text, ids) for text, ids in zip(TEXTS, all_ids)],
    "prompt": {"text": PROMPT, "ids": prompt},
    "labels": [{"text": text, "ids": ids, "logProbability": score} for text, ids, score in zip(LABELS, labels, scores)],
    "logits": {"tokens": chosen, "largest": logits.abs().max().item(), "values": numbers(logits[:, chosen])},
    "target": target,
    "foil": foil,
    "attention": {
        "last": numbers(result.attentions[-1][0, :, -1].mean(0)),
        "all": numbers(torch.stack([layer[0, :, -1].mean(0) for layer in result.attentions]).mean(0)),
    },
    "gradient": {
        "l1": numbers(gradient.abs().sum(-1)),
        "l2": numbers(gradient.norm(dim=-1)),
        "inputXGradient": numbers((gradient * embeds).sum(-1)),
    },
}
out.parent.mkdir(parents=True, exist_ok=True)
out.write_text(json.dumps(reference, ensure_ascii=False) + "\n")
print(out, len(prompt), "tokens", labels, [round(s, 4) for s in scores])
