"""Random blocks of every type of GGUF, with the numbers that gguf-py's `dequantize` makes of them.

    python scripts/gguf/blocksReference.py fixtures/gguf/blocks.json

Made with gguf 0.19.0 and numpy 2.4.
"""

import base64
import json
import sys

import gguf
import numpy as np

TYPES = "Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q2_K Q3_K Q4_K Q5_K Q6_K IQ4_NL IQ4_XS MXFP4 F16 BF16".split()
# Bytes that hold half-precision scales, per type: random bits there would mostly be huge, or no numbers.
HALVES = {
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82], "Q3_K": [108],
    "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "IQ4_NL": [0], "IQ4_XS": [0],
}
random = np.random.default_rng(17)


def blocks_of(name, count=24):
    block, size = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[name]]
    count = count if block > 1 else 64
    data = random.integers(0, 256, (count, size), dtype=np.uint8)
    for place in HALVES.get(name, []):
        # From the smallest to the largest magnitudes that half precision has, both signs, and zero.
        exponent = random.uniform(-24, 15.9, count)
        scales = (random.choice([-1, 1], count) * 2.0**exponent).astype(np.float16)
        scales[0] = 0
        data[:, place : place + 2] = scales.view(np.uint8).reshape(count, 2)
    if name == "MXFP4":
        # Above 252, the largest numbers of a block are infinite.
        data[:, 0] = np.minimum(data[:, 0], 252)
        data[:4, 0] = [0, 1, 2, 252]
    if name in ("F16", "BF16"):
        halves = data.view(np.uint16)
        mask = 0x7C00 if name == "F16" else 0x7F80
        halves[(halves & mask) == mask] = 0
    return data


reference = {}
for name in TYPES:
    kind = gguf.GGMLQuantizationType[name]
    data = blocks_of(name)
    with np.errstate(all="ignore"):
        values = gguf.dequantize(data.reshape(1, -1), kind).astype(np.float32).ravel()
    assert np.isfinite(values).all()
    encode = lambda array: base64.b64encode(array.tobytes()).decode()
    reference[name] = {"bytes": encode(data), "values": encode(values)}
json.dump(reference, open(sys.argv[1], "w"), indent="\t")
open(sys.argv[1], "a").write("\n")
