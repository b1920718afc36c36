/** Results are the same whether prompts share their beginnings or not: random prompts and masks on tiny models. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MultiPassRequest, PassOutput } from '../languageModel.ts';
import { createEngine, type Engine } from '../process/engine.ts';
import type { TokenScores } from '../scoring/labelScores.ts';

const neutralToken = 2;
const engineOf = (folder: string): Engine =>
	createEngine({
		folder: `fixtures/${folder}`,
		endTokens: [],
		maxTokens: 256,
		prepack: false,
		minimumSharedTokens: 12,
	});

const anyToken = fc.integer({ min: 3, max: 120 });

/** Instructions, a text, and which of its tokens each variant masks. */
const anyPrompts = fc.record({
	instructions: fc.array(anyToken, { maxLength: 40 }),
	text: fc.array(anyToken, { minLength: 4, maxLength: 24 }),
	masks: fc.array(fc.uniqueArray(fc.nat({ max: 23 }), { maxLength: 6 }), { minLength: 2, maxLength: 12 }),
	suffix: fc.array(anyToken, { minLength: 1, maxLength: 4 }),
});

function expectSame(found: ArrayLike<number> | undefined, wanted: ArrayLike<number> | undefined): void {
	const [a, b] = [Array.from(found ?? []), Array.from(wanted ?? [])];
	expect(a).toHaveLength(b.length);
	const scale = Math.max(1e-3, ...b.map(Math.abs));
	for (const [i, value] of b.entries()) expect(Math.abs((a[i] as number) - value)).toBeLessThan(2e-4 * scale);
}

const labelSets = [
	[[5], [9], [11]],
	[[5, 9], [5, 10], [7]],
];

describe.each(['llama3', 'mistral', 'gemma2', 'gpt2'])('%s', (folder) => {
	const engine = engineOf(folder);

	it('scores labels the same, asked together or one by one', async () => {
		await fc.assert(
			fc.asyncProperty(anyPrompts, fc.constantFrom(...labelSets), async (drawn, labels) => {
				const variants = drawn.masks.map((mask) => drawn.text.map((id, i) => (mask.includes(i) ? neutralToken : id)));
				const prompts = [drawn.text, ...variants].map((text) => [...drawn.instructions, ...text, ...drawn.suffix]);
				const together = await engine.scoreLabels(prompts, labels);
				for (const [i, prompt] of prompts.entries()) {
					const [alone] = (await engine.scoreLabels([prompt], labels)) as [TokenScores];
					expectSame(together[i]?.logProbabilities, alone.logProbabilities);
				}
			}),
			{ numRuns: 8, seed: 1 },
		);
	});

	it('continues prompts the same, asked together or one by one', async () => {
		await fc.assert(
			fc.asyncProperty(anyPrompts, async ({ instructions, text, masks, suffix }) => {
				const lengths = masks.map((mask, i) => Math.max(1, text.length - mask.length - i));
				const prompts = lengths.map((length) => [...instructions, ...text.slice(0, length), ...suffix]);
				const options = { maxNewTokens: 4, alternatives: 1 };
				const together = await engine.generate(prompts, options);
				for (const [i, prompt] of prompts.entries()) {
					const [alone] = await engine.generate([prompt], options);
					expect(together[i]?.ids).toEqual(alone?.ids);
					const scores = (found: typeof alone): number[] =>
						(found?.reports ?? []).map(({ logProbability }) => logProbability);
					expectSame(scores(together[i]), scores(alone));
				}
			}),
			{ numRuns: 8, seed: 1 },
		);
	});

	it('blocks attention to the same effect, asked together or one by one', async () => {
		await fc.assert(
			fc.asyncProperty(anyPrompts, fc.constantFrom(...labelSets), async (drawn, labels) => {
				const { instructions, text, suffix, masks } = drawn;
				const ids = [...instructions, ...text, ...suffix];
				const blocked = masks.map((mask) =>
					mask
						.filter((place) => place < text.length)
						.map((place) => instructions.length + place)
						.toSorted((a, b) => a - b),
				);
				const prompts = blocked.map(() => ids);
				const together = await engine.scoreLabels(prompts, labels, { blocked });
				for (const [i, own] of blocked.entries()) {
					const [alone] = (await engine.scoreLabels([ids], labels, { blocked: [own] })) as [TokenScores];
					expectSame(together[i]?.logProbabilities, alone.logProbabilities);
				}
			}),
			{ numRuns: 8, seed: 1 },
		);
	});
});

describe('gradients', () => {
	const engine = engineOf('llama3');
	const outputs: readonly PassOutput[] = [
		...(['attention', 'attentionRollout', 'gradientAttention', 'gradient.l2', 'gradientXInput.dot'] as const),
		...(['cpLrp', 'attnLrp', 'gim'] as const),
	];
	const target = { tokens: [5, 9], weights: [1, -1] };
	const instructions = Array.from({ length: 20 }, (_, i) => 30 + i);
	const texts = [
		[3, 4, 5, 6, 7],
		[8, 9, 3, 4],
		[3, 4, 5, 6, 7, 8, 9],
	];
	const prompts = texts.map((text) => [...instructions, ...text]);

	it('of the explained tokens do not pass through those before them', async () => {
		const from = prompts.map(() => instructions.length);
		const targets = prompts.map(() => target);
		const shared = await engine.attribute(prompts, targets, outputs, { neutralToken, explainedFrom: from });
		const apart = await engine.attribute(prompts, targets, outputs, { neutralToken });
		for (const [i, prompt] of prompts.entries()) {
			for (const output of outputs) {
				expect(shared[i]?.[output]).toHaveLength(prompt.length);
				expectSame(shared[i]?.[output]?.slice(20), apart[i]?.[output]?.slice(20));
				expect(shared[i]?.[output]?.slice(0, 20).every((score) => score === 0)).toBe(true);
			}
		}
	});

	const [ids] = prompts as [number[]];
	// The first token stands for itself, so explaining it too changes nothing but what is kept.
	const standIn = ids[0] as number;
	const requests: readonly MultiPassRequest[] = [
		{ kind: 'integratedGradients', neutralToken: standIn, nodes: 4, nodeLimit: 4, tolerance: 1 },
		{ kind: 'smoothGradient', samples: 3, spread: 0 },
		{ kind: 'gradientShap', samples: 3, baselines: [[standIn]] },
	];
	it.each(requests)('along a path are the same after kept tokens: $kind', async (request) => {
		const scores = async (explained: readonly number[]): Promise<Float32Array | undefined> => {
			const [found] = await engine.attributeByPasses([{ ids, target, explained, seed: 1 }], request);
			return found?.scores;
		};
		expectSame((await scores([0, 21, 22, 24]))?.slice(1), (await scores([21, 22, 24]))?.slice(1));
	});
});
