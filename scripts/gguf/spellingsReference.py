"""Adds to stored numbers of a published GGUF model those of labels of several spellings, for `npm run test:models`.

    python scripts/gguf/spellingsReference.py MODEL.gguf fixtures/gguf/real/NAME.json

Log-probabilities of labels, each the log of a sum over its spellings' tokens, and the gradient of log p(good) - log p(bad) at
the prompt's end, by transformers 5.24 (torch 2.13, float32, eager attention) on the file as transformers opens it. The sums are
made in float64 from its logits. None of it comes from this program.
"""

import json, sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

file, out = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
torch.set_num_threads(2)
LABELS = {"good": ["good", "Good", " good", " Good"], "bad": ["bad", "Bad", " bad", " Bad"]}

reference = json.loads(out.read_text())
prompt, text = reference["prompt"]["ids"], reference["prompt"]["text"]
tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
encode = lambda text: tokenizer(text, add_special_tokens=False).input_ids
assert encode(text) == prompt
ids = {label: [encode(text + spelling)[len(prompt):] for spelling in spellings] for label, spellings in LABELS.items()}
assert all(len(tokens) == 1 for own in ids.values() for tokens in own), ids

model = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32, attn_implementation="eager").eval()
embeds = model.get_input_embeddings()(torch.tensor([prompt])).detach().requires_grad_()
logits = model(inputs_embeds=embeds).logits[0, -1].double()
scores = {label: logits.log_softmax(-1)[[tokens[0] for tokens in own]].logsumexp(0) for label, own in ids.items()}
(gradient,) = torch.autograd.grad(scores["good"] - scores["bad"], embeds)
gradient, embeds = gradient[0], embeds.detach()[0]

numbers = lambda tensor: [float(f"{value:.9g}") for value in tensor.detach().double().flatten().tolist()]
reference["spelled"] = {
    "labels": [
        {"label": label, "spellings": LABELS[label], "ids": ids[label], "logProbability": scores[label].item()} for label in LABELS
    ],
    "gradient": {
        "l1": numbers(gradient.abs().sum(-1)),
        "l2": numbers(gradient.norm(dim=-1)),
        "inputXGradient": numbers((gradient * embeds).sum(-1)),
    },
}
out.write_text(json.dumps(reference, ensure_ascii=False) + "\n")
print(out, ids, {label: round(score.item(), 4) for label, score in scores.items()})
