"""Next-token log-probabilities of the models in fixtures/ when no later token attends to some positions.

    OMP_NUM_THREADS=1 python scripts/parity/blockedReference.py fixtures

Writes blockedAttention.json there: by folder a list of {ids, blocked, logProbabilities [V]}. transformers gets the
blocked positions as zeros of its attention mask and the positions of the whole prompt. Written for torch 2.13 (CPU) and
transformers 5.18.
"""

import json
import pathlib
import random
import sys

import torch
import transformers

FOLDERS = ["llama3", "mistral", "qwen2", "qwen3", "gemma2", "gemma3", "phi3", "gpt2", "gemma", "olmo2", "olmo3", "smollm3",
           "granite", "granitemoehybrid", "gpt_neo", "gpt_neox", "phi", "qwen3_moe", "olmoe", "mixtral", "qwen2_moe"]
TOKENS, CASES = 30, 3


def log_probabilities(model, ids, blocked):
    mask = torch.tensor([[0 if place in blocked else 1 for place in range(len(ids))]])
    positions = torch.arange(len(ids))[None]
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([ids]), attention_mask=mask, position_ids=positions).logits[0, -1]
    return [round(value, 6) for value in torch.log_softmax(logits.double(), -1).tolist()]


def main(root):
    draws = random.Random(1)
    found = {}
    for name in FOLDERS:
        loaded = transformers.AutoModelForCausalLM.from_pretrained(root / name, attn_implementation="eager")
        model = loaded.float().eval()
        cases = []
        for _ in range(CASES):
            ids = [draws.randrange(3, 120) for _ in range(TOKENS)]
            blocked = sorted(draws.sample(range(1, TOKENS - 1), 9))
            cases.append(dict(ids=ids, blocked=blocked, logProbabilities=log_probabilities(model, ids, blocked)))
        found[name] = cases
    (root / "blockedAttention.json").write_text(json.dumps(found, separators=(",", ":")) + "\n")


main(pathlib.Path(sys.argv[1]))
