import { expect, it } from 'vitest';
import { readModelConfig } from '../llm/models/config.ts';
import { familyOf } from '../llm/models/families.ts';
import { initialParameters } from './trainable.ts';

it.each([
	['gpt2', 1],
	['qwen2', 1],
	['gemma2', 0],
	['gemma3', 0],
])('%s: biases start at 0, norms where they scale nothing (%i), the rest at random', (folder, neutral) => {
	const config = readModelConfig(`fixtures/${folder}`);
	for (const [name, { shape, data }] of initialParameters(familyOf(config), config, 1)) {
		const values = new Set(data);
		if (shape.length > 1) expect(values.size).toBeGreaterThan(1);
		else expect([...values]).toEqual([name.endsWith('.bias') ? 0 : neutral]);
	}
});
