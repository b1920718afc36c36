/** Prompts in which no later token attends to some: the engine against transformers, and against other ways of asking. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { TokenIds } from '../languageModel.ts';
import { createEngine, type Engine } from '../process/engine.ts';

interface Case {
	readonly ids: TokenIds;
	readonly blocked: readonly number[];
	/** Of every next token [V], by transformers. */
	readonly logProbabilities: readonly number[];
}

const reference = JSON.parse(readFileSync('fixtures/blockedAttention.json', 'utf8')) as Record<string, readonly Case[]>;
const engineOf = (folder: string): Engine =>
	createEngine({ folder: `fixtures/${folder}`, endTokens: [], maxTokens: 256, prepack: false, minimumSharedTokens: 4 });

async function nextTokens(engine: Engine, cases: readonly Pick<Case, 'ids' | 'blocked'>[]): Promise<number[][]> {
	const labels = Array.from({ length: 120 }, (_, token) => [token]);
	const blocked = cases.map((one) => one.blocked);
	const scores = await engine.scoreLabels(
		cases.map(({ ids }) => ids),
		labels,
		{ blocked },
	);
	return scores.map(({ logProbabilities }) => [...logProbabilities]);
}

function expectNear(found: readonly number[] | undefined, wanted: readonly number[], tolerance = 1e-4): void {
	expect(found?.length).toBeGreaterThan(0);
	for (const [i, value] of (found ?? []).entries())
		expect(Math.abs(value - (wanted[i] as number))).toBeLessThan(tolerance);
}

describe.each(Object.keys(reference))('%s', (folder) => {
	const cases = reference[folder] ?? [];
	const engine = engineOf(folder);

	it('gives the numbers of transformers, asked alone', async () => {
		for (const one of cases) {
			const [found] = await nextTokens(engine, [one]);
			expectNear(found, one.logProbabilities);
		}
	});

	it('gives them too where prompts share what they begin with', async () => {
		const variants = cases.flatMap(({ ids, blocked }) => [
			{ ids, blocked },
			...blocked.map((_, i) => ({ ids, blocked: blocked.slice(0, i) })),
		]);
		const together = await nextTokens(engine, variants);
		for (const one of cases) {
			expectNear(
				together[variants.findIndex(({ ids, blocked }) => ids === one.ids && blocked === one.blocked)],
				one.logProbabilities,
			);
		}
	});
});

describe('blocked tokens', () => {
	const ids = [3, 17, 45, 8, 22, 61, 9, 14];

	it('might be any others', async () => {
		const engine = engineOf('gemma2');
		const other = ids.map((id, place) => (place === 2 || place === 5 ? id + 7 : id));
		const [one, two] = await nextTokens(engine, [
			{ ids, blocked: [2, 5] },
			{ ids: other, blocked: [2, 5] },
		]);
		expect(one).toEqual(two);
	});

	it('leave the last token alone where all before it are blocked, wherever it stands: positions are relative', async () => {
		const engine = engineOf('llama3');
		const [all, alone = []] = await nextTokens(engine, [
			{ ids, blocked: [0, 1, 2, 3, 4, 5, 6] },
			{ ids: [14], blocked: [] },
		]);
		expectNear(all, alone);
	});

	it('move nothing, as leaving them out does', async () => {
		const engine = engineOf('gpt2');
		const [blocked = [], left = []] = await nextTokens(engine, [
			{ ids, blocked: [2] },
			{ ids: ids.toSpliced(2, 1), blocked: [] },
		]);
		expect(Math.max(...blocked.map((value, i) => Math.abs(value - (left[i] ?? 0))))).toBeGreaterThan(1e-3);
	});

	it('are blocked for the tokens of a label, too', async () => {
		const engine = engineOf('mistral');
		const labels = [
			[5, 9],
			[5, 10, 4],
		];
		const [found] = await engine.scoreLabels([ids], labels, { blocked: [[1, 4]] });
		for (const [c, label] of labels.entries()) {
			let sum = 0;
			for (const [j, token] of label.entries()) {
				const prompt = [...ids, ...label.slice(0, j)];
				const [step] = await engine.scoreLabels([prompt], [[token], [99]], { blocked: [[1, 4]] });
				sum += step?.logProbabilities[0] ?? NaN;
			}
			expect(found?.logProbabilities[c]).toBeCloseTo(sum, 4);
		}
	});
});
