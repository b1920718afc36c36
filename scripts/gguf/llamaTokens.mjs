/**
 * Prints the token ids that llama.cpp makes of texts, for `realReference.py`:
 * `node scripts/gguf/llamaTokens.mjs NODE_LLAMA_CPP MODEL.gguf < texts.json`, where NODE_LLAMA_CPP is the folder of an
 * installed node-llama-cpp (3.x; a peer for tests, no dependency) and the input a list of texts.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [library, file] = process.argv.slice(2);
const { getLlama } = await import(pathToFileURL(join(library, 'dist', 'index.js')).href);
const llama = await getLlama({ gpu: false, build: 'never', logLevel: 'error' });
const model = await llama.loadModel({ modelPath: file });
const texts = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(texts.map((text) => [...model.tokenize(text, true)])));
process.exit(0);
