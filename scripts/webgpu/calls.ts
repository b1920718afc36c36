/** Everything that can be asked of an engine, as lists of numbers by name. */
import { UserError } from '../../src/core/errors.ts';
import { present } from '../../src/core/present.ts';
import { passOutputs } from '../../src/llm/attribution/attributionMethods.ts';
import type { Engine } from '../../src/llm/process/engine.ts';
import type { ExplainedPrompt, MultiPassRequest, ScoringOptions, TokenIds } from '../../src/llm/languageModel.ts';

export type Numbers = Readonly<Record<string, readonly number[]>>;

/** A prefix that all share, and ends of different lengths, some of which begin alike: so cached, on shared paths and packed. */
const prefix = [2, 19, 7, 33, 12, 5, 28, 9, 14, 3];
const ends = [
	[5, 9, 17, 3, 8, 21, 4],
	[5, 9, 17, 11, 8, 21, 4],
	[5, 9, 17, 3, 11, 21],
	[7, 2, 30, 11, 6],
];
export const prompts: readonly TokenIds[] = ends.map((end) => [...prefix, ...end]);
export const targets = prompts.map(() => ({ tokens: [5, 9], weights: [1, -1] }));
export const neutralToken = 1;
const explained: ExplainedPrompt = {
	ids: prompts[0] as TokenIds,
	target: { tokens: [5, 9], weights: [1, -1] },
	explained: [10, 11, 12, 13],
	seed: 'webgpu',
};

/** A total table: what is new does not compile until it is compared. */
type Requests = { readonly [Kind in MultiPassRequest['kind']]: MultiPassRequest & { readonly kind: Kind } };
const requests: Requests = {
	integratedGradients: { kind: 'integratedGradients', neutralToken, nodes: 6, nodeLimit: 6, tolerance: 1 },
	smoothGradient: { kind: 'smoothGradient', samples: 3, spread: 0.15 },
	gradientShap: { kind: 'gradientShap', samples: 3, baselines: [[neutralToken], [4, 5, 6]] },
	valueZeroing: { kind: 'valueZeroing' },
	altiLogit: { kind: 'altiLogit' },
};

type Calls = {
	readonly [Method in Exclude<keyof Engine, 'contextLength' | 'memory'>]: (engine: Engine) => Promise<Numbers>;
};

const calls: Calls = {
	scoreLabels: async (engine) => ({
		labels: await labelScores(engine, [[5], [9], [17]]),
		'labels that begin alike': await labelScores(engine, [
			[5, 9],
			[5, 17, 3],
		]),
		'labels with blocked attention': await labelScores(engine, [[5], [9]], { blocked: prompts.map(() => [11, 13]) }),
	}),
	attribute: async (engine) => ({
		...(await passes(engine, 0)),
		...renamed(await passes(engine, prefix.length), (name) => `${name} after cached tokens`),
	}),
	attributeByPasses: async (engine) => {
		const found: Record<string, readonly number[]> = {};
		for (const [kind, request] of Object.entries(requests)) found[kind] = await pathScores(engine, request);
		return found;
	},
	scoreSoftly: async (engine) => {
		const keeps = [0.5, 0.9].map((keep) => explained.explained.map((_, i) => keep ** (i + 1)));
		const soft = { ids: explained.ids, explained: explained.explained, keeps, draws: 2, seed: 'webgpu' };
		return { 'soft masking': (await engine.scoreSoftly([soft], [[5], [9]])).flat(3) };
	},
	generate: async (engine) => {
		const items = [[5], [9, 4], [9, 8]].map((tokens) => ({ tokens, times: 1 }));
		const constraint = { open: [1, 2], items, between: [3], close: [6], most: 2 };
		const sampling = { temperature: 0.8, topP: 0.9, seed: 'webgpu' };
		const reported = await engine.generate(prompts, { maxNewTokens: 4, sampling, alternatives: 3 });
		return {
			generated: await answers(engine, { maxNewTokens: 6 }),
			'generated under a constraint': await answers(engine, {
				maxNewTokens: 8,
				constraints: prompts.map(() => constraint),
			}),
			'generated at random': reported.flatMap(({ ids }) => [...ids]),
			'reported log-probabilities': reported.flatMap(({ reports = [] }) =>
				reports.flatMap(({ logProbability, alternatives }) => [
					logProbability,
					...alternatives.map((other) => other.logProbability),
				]),
			),
		};
	},
};

/** Returns what every call gives. */
export async function allCalls(engine: Engine): Promise<Numbers> {
	const found: Record<string, readonly number[]> = {};
	for (const call of Object.values(calls)) Object.assign(found, await call(engine));
	return found;
}

async function labelScores(engine: Engine, labels: readonly TokenIds[], options?: ScoringOptions): Promise<number[]> {
	const scores = await engine.scoreLabels(prompts, labels, options);
	return scores.flatMap(({ logProbabilities, mass }) => [...logProbabilities, mass]);
}

async function passes(engine: Engine, from: number): Promise<Numbers> {
	const found = await engine.attribute(prompts, targets, passOutputs, {
		neutralToken,
		attention: { layers: 'all', heads: [0, 1] },
		explainedFrom: prompts.map(() => from),
	});
	return Object.fromEntries(passOutputs.map((name) => [name, found.flatMap((pass) => [...present(pass[name], name)])]));
}

/** Empty where the family does not support a request, which must then be so on every device. */
async function pathScores(engine: Engine, request: MultiPassRequest): Promise<readonly number[]> {
	try {
		return (await engine.attributeByPasses([explained], request)).flatMap(({ scores }) => [...scores]);
	} catch (error) {
		if (error instanceof UserError && error.message.startsWith('alti_logit')) return [];
		throw error;
	}
}

async function answers(engine: Engine, options: Parameters<Engine['generate']>[1]): Promise<number[]> {
	return (await engine.generate(prompts, options)).flatMap(({ ids }) => [...ids]);
}

function renamed(numbers: Numbers, rename: (name: string) => string): Numbers {
	return Object.fromEntries(Object.entries(numbers).map(([name, values]) => [rename(name), values]));
}
