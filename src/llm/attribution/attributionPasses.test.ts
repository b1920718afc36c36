/** Attribution by the engine on tiny models, against PyTorch (fixtures/README.md) and what theory promises. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../core/errors.ts';
import type { ExplainedPrompt, MultiPassRequest, PassOutput } from '../languageModel.ts';
import { readAsFloat32, readSafetensorsHeader, readTensor } from '../weights/safetensors.ts';
import { createEngine, type Engine } from '../process/engine.ts';

const neutralToken = 2;
const engineOf = (folder: string, maxTokens = 1024): Engine =>
	createEngine({ folder: `fixtures/${folder}`, endTokens: [], maxTokens, prepack: false });

function fixture(folder: string, file: string) {
	const { tensors } = readSafetensorsHeader(join('fixtures', folder, file));
	const entries = new Map(tensors.map((entry) => [entry.name, entry]));
	return {
		floats: (name: string): Float32Array => readAsFloat32(entries.get(name) as never),
		integers: (name: string): number[] => Array.from(readTensor(entries.get(name) as never), Number),
	};
}

const passes = fixture('llama3', 'expected.safetensors');
const [target, foil] = [passes.integers('target')[0] as number, passes.integers('foil')[0] as number];
const difference = { tokens: [target, foil], weights: [1, -1] };
const idsOf = (sequence: string): number[] => passes.integers(`${sequence}.input_ids`);
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const total = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);
const long: ExplainedPrompt = { ids: idsOf('b'), target: difference, explained: range(10, 18), seed: 1 };

function expectClose(actual: ArrayLike<number> | undefined, expected: ArrayLike<number>, digits = 1e-4): void {
	const scale = Math.max(1, ...Array.from(expected).map(Math.abs));
	expect(actual).toHaveLength(expected.length);
	for (const [i, value] of Array.from(expected).entries()) {
		expect(Math.abs((actual?.[i] ?? NaN) - value)).toBeLessThan(digits * scale);
	}
}

/** t as a sum of CP-LRP scores is exact without biases, so it tells the target of any prompt. */
async function targetValue(engine: Engine, ids: readonly number[]): Promise<number> {
	const [pass] = await engine.attribute([ids], [difference], ['cpLrp']);
	return total(pass?.cpLrp ?? []);
}

const llama3 = engineOf('llama3');
async function scoresOf(prompt: ExplainedPrompt, request: MultiPassRequest, engine = llama3) {
	const [found] = await engine.attributeByPasses([prompt], request);
	return found as NonNullable<typeof found>;
}

describe.each(['llama2', 'llama3'])('one pass of %s', (folder) => {
	const engine = engineOf(folder);
	const [expected, own] = [
		fixture(folder, 'expected.safetensors'),
		fixture(folder, 'expected_attribution.safetensors'),
	];
	const labels = [expected.integers('target')[0] as number, expected.integers('foil')[0] as number] as const;
	const target = { tokens: labels, weights: [1, -1] };
	const ids = ['a', 'b'].map((sequence) => expected.integers(`${sequence}.input_ids`));

	it.each<[string, PassOutput]>([
		['attention_rollout', 'attentionRollout'],
		['grad_attention', 'gradientAttention'],
		['cp_lrp', 'cpLrp'],
		['gim', 'gim'],
	])('%s agrees with PyTorch', async (key, output) => {
		const found = await engine.attribute(ids, [target, target], [output], { neutralToken });
		for (const [i, name] of ['a', 'b'].entries()) expectClose(found[i]?.[output], own.floats(`${name}.${key}`));
	});

	it('AttnLRP agrees with LXT', async () => {
		const single = { tokens: [labels[0]], weights: [1] };
		const found = await engine.attribute(ids, [single, single], ['attnLrp']);
		const lxt = fixture(folder, 'expected_lrp.safetensors');
		for (const [i, name] of ['a', 'b'].entries())
			expectClose(found[i]?.attnLrp, lxt.floats(`${name}.attnlrp_logit`), 1e-3);
	});

	it('CP-LRP scores sum to the target', async () => {
		const [pass] = await engine.attribute([ids[1] as number[]], [target], ['cpLrp']);
		const logits = expected.floats('b.logits').slice(-160);
		expect(total(pass?.cpLrp ?? [])).toBeCloseTo((logits[labels[0]] as number) - (logits[labels[1]] as number), 3);
	});

	it('averages attention over the layers and heads that are chosen', async () => {
		const attention = { layers: [1], heads: [0, 3] };
		const found = await engine.attribute(ids, [target, target], ['attention'], { attention });
		for (const [i, name] of ['a', 'b'].entries())
			expectClose(found[i]?.attention, own.floats(`${name}.attention_layer1_heads_0_3`));
	});

	it.each([{ kind: 'valueZeroing' } as const, { kind: 'altiLogit' } as const])('$kind agrees', async (request) => {
		const key = { valueZeroing: 'value_zeroing', altiLogit: 'alti_logit' }[request.kind];
		const prompts = ids.map((tokens) => ({ ids: tokens, target, explained: [1], seed: 1 }));
		const found = await engine.attributeByPasses(prompts, request);
		for (const [i, name] of ['a', 'b'].entries()) expectClose(found[i]?.scores, own.floats(`${name}.${key}`));
	});
});

describe('one pass', () => {
	const outputs = ['attentionRollout', 'gradientAttention', 'attnLrp', 'gim', 'gradient.l2'] as const;
	const prompts = [idsOf('b'), idsOf('a'), idsOf('b').slice(3)];
	const targets = prompts.map(() => difference);

	it('gives the same scores in any order, alone or padded', async () => {
		const together = await llama3.attribute(prompts, targets, outputs, { neutralToken });
		const turned = await llama3.attribute(prompts.toReversed(), targets, outputs, { neutralToken });
		for (const [i, prompt] of prompts.entries()) {
			const [alone] = await llama3.attribute([prompt], [difference], outputs, { neutralToken });
			for (const output of outputs) {
				expectClose(together[i]?.[output], alone?.[output] ?? []);
				expectClose(turned[2 - i]?.[output], alone?.[output] ?? []);
			}
		}
	});

	it('is linear in the target for rules that are', async () => {
		const [both, plus, minus] = await llama3.attribute(
			prompts.map(() => idsOf('b')),
			[difference, { tokens: [target], weights: [1] }, { tokens: [foil], weights: [1] }],
			['attnLrp', 'gim', 'gradientXInput.dot'],
			{ neutralToken },
		);
		for (const output of ['attnLrp', 'gim', 'gradientXInput.dot'] as const) {
			const apart = (plus?.[output] ?? []) as Float32Array;
			expectClose(
				both?.[output],
				apart.map((value, i) => value - (minus?.[output]?.[i] ?? NaN)),
			);
		}
	});

	it('refuses layers and heads that do not exist', async () => {
		const ask = (attention: { layers: 'all' | number[]; heads: 'all' | number[] }) =>
			llama3.attribute([idsOf('a')], [difference], ['attention'], { attention });
		await expect(ask({ layers: [3], heads: 'all' })).rejects.toThrow(
			'there is no layer 3; the model has layers 0 to 2',
		);
		await expect(ask({ layers: 'all', heads: [-1] })).rejects.toThrow(UserError);
		await expect(ask({ layers: [], heads: 'all' })).rejects.toThrow('choose at least one layer');
	});
});

describe('integratedGradients', () => {
	const request = { kind: 'integratedGradients', neutralToken, nodes: 64, nodeLimit: 64, tolerance: 0.05 } as const;

	it.each(['a', 'b'])('agrees with PyTorch on sequence %s', async (name) => {
		const ids = idsOf(name);
		const explained = range(2, ids.length - 2);
		const { scores } = await scoresOf({ ...long, ids, explained }, { ...request, tolerance: 0 });
		expectClose(scores, passes.floats(`${name}.ig_diff`), 1e-3);
	});

	it('sums to the change of the target, and is 0 elsewhere', async () => {
		const { scores, diagnostics } = await scoresOf(long, { ...request, nodeLimit: 1024 });
		const neutral = long.ids.map((id, i) => (long.explained.includes(i) ? neutralToken : id));
		const change = (await targetValue(llama3, long.ids)) - (await targetValue(llama3, neutral));
		expect(Math.abs(total(scores) - change)).toBeLessThan(0.051 * Math.abs(change));
		expect(diagnostics).toMatchObject({ converged: 1 });
		for (const [i, score] of scores.entries()) expect(score === 0).toBe(!long.explained.includes(i));
	});

	it('doubles the nodes until the error is small enough, and says where it never is', async () => {
		const patient = await scoresOf(long, { ...request, nodes: 1, tolerance: 0.01, nodeLimit: 1024 });
		expect(patient.diagnostics['nodes']).toBeGreaterThan(1);
		expect(patient.diagnostics['completenessError']).toBeLessThanOrEqual(0.01);
		const hasty = await scoresOf(long, { ...request, nodes: 1, tolerance: 0, nodeLimit: 3 });
		expect(hasty.diagnostics).toMatchObject({ nodes: 2, converged: 0 });
	});
});

describe('smoothGradient', () => {
	const request = { kind: 'smoothGradient', samples: 6, spread: 0.15 } as const;

	it('without noise is the norm of the gradient', async () => {
		const { scores } = await scoresOf(long, { ...request, spread: 0 });
		const [pass] = await llama3.attribute([long.ids], [difference], ['gradient.l2']);
		expectClose(
			scores,
			(pass?.['gradient.l2'] ?? new Float32Array()).map((value, i) => (long.explained.includes(i) ? value : 0)),
		);
	});

	it('depends on the seed, not on how many samples fit into a run', async () => {
		const once = await scoresOf(long, request);
		const split = await scoresOf(long, request, engineOf('llama3', 44));
		const other = await scoresOf({ ...long, seed: 2 }, request);
		expectClose(split.scores, once.scores);
		expect((await scoresOf(long, request)).scores).toEqual(once.scores);
		expect(other.scores).not.toEqual(once.scores);
	});

	it('adds noise of a share of the deviation of the explained embeddings', async () => {
		const tiny = await scoresOf(long, { ...request, spread: 1e-4 });
		const none = await scoresOf(long, { ...request, spread: 0 });
		expectClose(tiny.scores, none.scores, 1e-2);
		expect(tiny.scores).not.toEqual(none.scores);
	});
});

describe('gradientShap', () => {
	it('is 0 where the baseline is the prompt itself', async () => {
		const ids = long.ids.map((id, i) => (long.explained.includes(i) ? 9 : id));
		const { scores } = await scoresOf({ ...long, ids }, { kind: 'gradientShap', samples: 4, baselines: [[9]] });
		expect([...scores].every((score) => score === 0)).toBe(true);
	});

	it('sums to the change of the target, up to chance', async () => {
		const request = { kind: 'gradientShap', samples: 128, baselines: [[neutralToken]] } as const;
		const { scores, diagnostics } = await scoresOf(long, request);
		const neutral = long.ids.map((id, i) => (long.explained.includes(i) ? neutralToken : id));
		const change = (await targetValue(llama3, long.ids)) - (await targetValue(llama3, neutral));
		expect(Math.abs(total(scores) - change)).toBeLessThan(4 * (diagnostics['standardError'] ?? NaN));
	});

	it('is decided by the seed', async () => {
		const request = { kind: 'gradientShap', samples: 4, baselines: [[neutralToken], [5, 6, 7, 8, 9]] } as const;
		const first = await scoresOf(long, request);
		expectClose((await scoresOf(long, request, engineOf('llama3', 44))).scores, first.scores);
		expect((await scoresOf({ ...long, seed: 2 }, request)).scores).not.toEqual(first.scores);
	});
});

describe('contributions', () => {
	it.each([{ kind: 'valueZeroing' } as const, { kind: 'altiLogit' } as const])(
		'$kind does not depend on how many tokens fit into a run',
		async (request) => {
			const once = await scoresOf(long, request);
			expectClose((await scoresOf(long, request, engineOf('llama3', 44))).scores, once.scores);
		},
	);

	it('value zeroing spreads 1 over the prompt', async () => {
		const { scores, diagnostics } = await scoresOf(long, { kind: 'valueZeroing' });
		expect(total(scores)).toBeCloseTo(1, 5);
		expect(diagnostics).toEqual({ passes: long.ids.length });
	});

	it('ALTI-Logit says how much of the target it distributes', async () => {
		const { scores, diagnostics } = await scoresOf(long, { kind: 'altiLogit' });
		expect(diagnostics['target']).toBeCloseTo(await targetValue(llama3, long.ids), 3);
		expect(diagnostics['distributed']).toBeCloseTo(total(scores), 4);
	});

	it('ALTI-Logit refuses a family that norms what attention gives', async () => {
		const ask = scoresOf({ ...long, ids: [3, 4, 5], explained: [1] }, { kind: 'altiLogit' }, engineOf('gemma2'));
		await expect(ask).rejects.toThrow('alti_logit: blocks of "gemma2" norm what attention gives');
		await expect(ask).rejects.toThrow(UserError);
	});

	it.each(['valueZeroing', 'altiLogit'] as const)('%s works with biases and LayerNorm', async (kind) => {
		const { scores } = await scoresOf({ ...long, ids: [3, 4, 5], explained: [1] }, { kind }, engineOf('gpt2'));
		expect([...scores].every(Number.isFinite)).toBe(true);
	});
});
