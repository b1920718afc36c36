/** The config and weights of a model, from a Hugging Face folder or a GGUF file. */
import { dirname } from 'node:path';
import { type Checkpoint, checkpointOf, openCheckpoint } from '../weights/checkpoint.ts';
import { openGgufModel } from '../weights/gguf/ggufModel.ts';
import { isGgufPath } from '../weights/gguf/openGguf.ts';
import { readModelConfig } from './config.ts';
import type { ModelConfig } from './decoder.ts';

export interface ModelFiles {
	readonly config: ModelConfig;
	readonly checkpoint: Checkpoint;
}

/** Returns what a folder or a GGUF file holds. Throws `UserError` where it is not there, damaged, or of an unknown kind. */
export function openModelFiles(path: string): ModelFiles {
	if (!isGgufPath(path)) return { config: readModelConfig(path), checkpoint: openCheckpoint(path) };
	const { gguf, config, tensors } = openGgufModel(path);
	const checkpoint = checkpointOf(dirname(path), tensors);
	return { config: { file: path, values: config }, checkpoint: { ...checkpoint, folder: path, heads: gguf.heads } };
}
