import { itemAt, zip } from '../../core/present.ts';
import { type Random, seededRandom } from '../../core/random.ts';
import type { TokenIds } from '../../llm/languageModel.ts';
import type { UnitScores } from './coalitionPlan.ts';
import type { ReplacedPrediction, ReplacementRequest } from './replacement.ts';
import type { Missing } from '../../core/score.ts';
import type { ReplacementMethod } from './method.ts';

/** Probability rho with which a unit is replaced. */
const RATE = 0.3;
const PROBES = 16;
/** Best units that must suffice for the prediction; at most half of all. */
const KEPT = 5;
/** The reference allows 3000, which is 96 000 evaluations per text. */
const STEPS = 100;
/** logit(0.5 + 0.5 delta) is infinite at delta = 1 and -1: its argument stays this far from 0 and 1. */
const MARGIN = 1e-6;

/**
 * s = mean over probes of softmax(l), where l begins uniform and grows by logit(0.5 + 0.5 delta) for replaced units and
 * logit(0.5 - 0.5 delta) for the others, delta = p(x) - p(x'), until the best units alone, with all others replaced, give
 * the same prediction (docs/methods.md A.20). Probes that never get there count only where none does.
 *
 * Where it differs from the reference: units (words) are replaced, not tokens; p is renormalised over the labels; the
 * best units must give the same label, as the top 3 of a few labels say nothing; 100 steps at most; replacements are
 * drawn evenly from the tokens of `replacementText`, not from tokens of the same part of speech.
 */
export const reagent: ReplacementMethod = {
	kind: 'replacement',
	declaration: {
		id: 'reagent',
		title: 'ReAGent',
		family: 'attribution',
		needs: 'labelScores',
		signed: false,
		targetSpecific: true,
		aggregation: null,
		source: 'Zhao & Shan 2024 (arXiv 2402.00794), algorithm 1; rate, probes and kept units as in inseq `reagent`',
		diagnostics: { evaluations: 'prompts scored', convergedProbes: 'probes that converged' },
	},
	explain,
};

/** Returns the most prompts that are scored where `evaluations` are allowed; null for the method's own number. */
export function mostReplacements(evaluations: number | null): number {
	const { probes, steps } = sizes(evaluations);
	return probes === 0 ? 0 : 1 + 2 * probes * steps;
}

/** Returns how many probes there are, and how many steps each may take; a step scores two prompts per probe. */
function sizes(evaluations: number | null): { readonly probes: number; readonly steps: number } {
	const rest = (evaluations ?? Infinity) - 1;
	const probes = Math.min(PROBES, Math.max(0, Math.floor(rest / 2)));
	return { probes, steps: Math.min(STEPS, Math.floor(rest / (2 * probes))) };
}

interface Probe {
	readonly random: Random;
	/** l [U]. */
	importance: readonly number[];
	converged: boolean;
}

async function explain(request: ReplacementRequest): Promise<UnitScores | Missing> {
	const { ids, units, evaluations, score } = request;
	if (units.length === 0) return { scores: [], standardErrors: null, diagnostics: { evaluations: 0 } };
	const probes = startProbes(request);
	const { steps } = sizes(evaluations);
	if (probes.length === 0) return { missing: `${evaluations} evaluations are too few for one probe, which needs 3` };
	let asked = 0;
	const predictions = async (prompts: readonly TokenIds[]): Promise<readonly ReplacedPrediction[]> => {
		asked += prompts.length;
		return await score(prompts);
	};
	const full = itemAt(await predictions([ids]), 0);
	for (let step = 0; step < steps; step++) {
		const active = probes.filter(({ converged }) => !converged);
		if (active.length === 0) break;
		const replaced = active.map(({ random }) => units.map(() => random.next() < RATE));
		const changed = await predictions(
			zip(active, replaced).map(([probe, marked]) => replace(request, probe.random, marked)),
		);
		for (const [probe, [marked, { probability }]] of zip(active, zip(replaced, changed))) {
			probe.importance = updated(probe.importance, marked, full.probability - probability);
		}
		const reduced = await predictions(active.map((probe) => replace(request, probe.random, allButBest(probe))));
		for (const [probe, { isSame }] of zip(active, reduced)) probe.converged = isSame;
	}
	return meanScores(probes, asked);
}

function startProbes({ units, seed, exampleId, evaluations }: ReplacementRequest): Probe[] {
	return Array.from({ length: sizes(evaluations).probes }, (_, probe) => {
		const random = seededRandom(seed, exampleId, 'reagent', probe);
		return { random, importance: units.map(() => random.next()), converged: false };
	});
}

/** Returns the prompt with every token of the marked units [U] replaced. */
function replace(
	{ ids, units, replacements }: ReplacementRequest,
	random: Random,
	marked: readonly boolean[],
): TokenIds {
	const positions = new Set(units.filter((_, unit) => marked[unit]).flat());
	return ids.map((id, position) => (positions.has(position) ? random.pick(replacements) : id));
}

function updated(importance: readonly number[], replaced: readonly boolean[], delta: number): number[] {
	return importance.map((value, unit) => value + logit(0.5 + (replaced[unit] === true ? 0.5 : -0.5) * delta));
}

function logit(share: number): number {
	const inside = Math.min(Math.max(share, MARGIN), 1 - MARGIN);
	return Math.log(inside / (1 - inside));
}

/** Returns for each unit [U] whether it is outside the best n, n = min(5, U / 2) and at least 1. */
function allButBest({ importance }: Probe): boolean[] {
	const kept = Math.max(1, Math.min(KEPT, Math.floor(importance.length / 2)));
	const order = importance.map((_, unit) => unit).toSorted((a, b) => itemAt(importance, b) - itemAt(importance, a));
	const best = new Set(order.slice(0, kept));
	return importance.map((_, unit) => !best.has(unit));
}

function meanScores(probes: readonly Probe[], evaluations: number): UnitScores | Missing {
	const converged = probes.filter((probe) => probe.converged);
	const shares = (converged.length > 0 ? converged : probes).map(({ importance }) => softmax(importance));
	const scores = itemAt(shares, 0).map(
		(_, unit) => shares.reduce((sum, share) => sum + itemAt(share, unit), 0) / shares.length,
	);
	if (!scores.every(Number.isFinite)) return { missing: 'a probability of the model is not a finite number' };
	return { scores, standardErrors: null, diagnostics: { evaluations, convergedProbes: converged.length } };
}

function softmax(values: readonly number[]): number[] {
	const largest = Math.max(...values);
	const powers = values.map((value) => Math.exp(value - largest));
	const sum = powers.reduce((total, power) => total + power, 0);
	return powers.map((power) => power / sum);
}
