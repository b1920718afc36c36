/** Sizes of the benchmark's model, from its config.json. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { present } from '../../src/core/present.ts';

export interface ModelSizes {
	readonly layers: number;
	readonly hidden: number;
	readonly inner: number;
	readonly queryWidth: number;
	readonly keyValueWidth: number;
	readonly vocabulary: number;
}

export function readModelSizes(folder: string): ModelSizes {
	const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as Record<string, number>;
	const of = (name: string): number => present(config[name], `${name} in config.json`);
	const headWidth = config['head_dim'] ?? of('hidden_size') / of('num_attention_heads');
	return {
		layers: of('num_hidden_layers'),
		hidden: of('hidden_size'),
		inner: of('intermediate_size'),
		queryWidth: of('num_attention_heads') * headWidth,
		keyValueWidth: of('num_key_value_heads') * headWidth,
		vocabulary: of('vocab_size'),
	};
}
