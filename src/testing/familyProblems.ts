/** What every model family promises: forward passes, gradients and shared prefixes tell of one and the same function. */
import { itemAt } from '../core/present.ts';
import type { TokenIds } from '../llm/languageModel.ts';
import { createEngine, type Engine } from '../llm/process/engine.ts';

export interface FamilyOptions {
	/** Prompts of different lengths that begin alike; ids below the vocabulary's size. */
	readonly prompts?: readonly [TokenIds, TokenIds, ...TokenIds[]];
	/** Tokens between which the model decides. */
	readonly labels?: readonly [number, number];
	/** What takes the place of explained tokens. */
	readonly neutralToken?: number;
}

/** Relative to the largest log-probability. */
const rounding = 1e-4;

/** Of Integrated Gradients with as many nodes as it takes: what the path's gradients leave of the difference between its ends. */
const completeness = 0.02;

const defaults = {
	prompts: [
		[3, 7, 11, 5, 9, 6, 8],
		[3, 7, 11, 5, 9, 10],
		[3, 7, 12],
	],
	labels: [5, 9],
	neutralToken: 4,
} as const;

/**
 * Returns in words which promises a model folder breaks; none for a sound one. A prompt has the same scores alone, beside
 * others, and with its beginning shared; what comes after a token changes nothing before it; gradients along a path sum to
 * the difference of its ends (which fails for any gradient that is not the forward pass's own).
 * @throws UserError for a folder that cannot be opened.
 */
export async function familyProblems(folder: string, options: FamilyOptions = {}): Promise<string[]> {
	const { prompts, labels, neutralToken } = { ...defaults, ...options };
	const engineWith = (minimum: number): Engine =>
		createEngine({ folder, endTokens: [], maxTokens: 256, prepack: true, minimumSharedTokens: minimum });
	const [apart, shared] = [engineWith(Number.MAX_SAFE_INTEGER), engineWith(1)];
	const tokens = labels.map((label) => [label]);
	const together = await apart.scoreLabels(prompts, tokens);
	const withPrefix = await shared.scoreLabels(prompts, tokens);
	const problems: string[] = [];
	for (const [i, prompt] of prompts.entries()) {
		const own = itemAt(await apart.scoreLabels([prompt], tokens), 0).logProbabilities;
		if (differ(own, together[i]?.logProbabilities)) problems.push(`prompt ${i}: other scores beside other prompts`);
		if (differ(own, withPrefix[i]?.logProbabilities))
			problems.push(`prompt ${i}: other scores with a shared beginning`);
	}
	return [...problems, ...(await gradientProblems(apart, prompts[0], labels, neutralToken))];
}

async function gradientProblems(
	engine: Engine,
	ids: TokenIds,
	labels: readonly number[],
	neutralToken: number,
): Promise<string[]> {
	const explained = ids.flatMap((_, i) => (i > 0 && i < ids.length - 1 ? [i] : []));
	const target = { tokens: labels, weights: [1, -1] };
	const [found] = await engine.attributeByPasses([{ ids, target, explained, seed: 1 }], {
		kind: 'integratedGradients',
		neutralToken,
		nodes: 64,
		nodeLimit: 2048,
		tolerance: completeness / 2,
	});
	const error = found?.diagnostics['completenessError'] ?? null;
	if (error === null || !Number.isFinite(error)) return ['Integrated Gradients have no completeness error'];
	return error <= completeness ? [] : [`gradients do not sum to the change they explain: ${error} of it is left over`];
}

function differ(a: readonly number[], b: readonly number[] = []): boolean {
	const scale = Math.max(1, ...a.map(Math.abs));
	return a.length !== b.length || a.some((value, i) => Math.abs(value - itemAt(b, i)) > rounding * scale);
}
