/** Runs a perturbation method on one text. Letter: U units. */
import { InternalError } from '../../core/errors.ts';
import { entryOf, zip } from '../../core/present.ts';
import { seededRandom } from '../../core/random.ts';
import { nameOf, type UnitScores, type UnitSet } from './coalitionPlan.ts';
import type { Missing } from '../../core/score.ts';
import type { PerturbationMethod } from './method.ts';

/** Returns v of each subset, in their order. */
export type SetValues = (keptSets: readonly UnitSet[]) => Promise<readonly number[]>;

export interface UnitsRequest {
	/** U. */
	readonly unitCount: number;
	/** The study's seed; with the example and the method it decides all random draws. */
	readonly seed: number | string;
	readonly exampleId: string;
	/** Most subsets to evaluate; null for the method's own number. */
	readonly evaluations: number | null;
	/** Called once, with all subsets the method needs, each one once. */
	readonly score: SetValues;
}

/**
 * Returns the score of every unit [U], with the number of subsets evaluated among its diagnostics. Missing where the
 * method cannot do with so few evaluations, and where a value is not finite: nothing built on it is to be trusted
 * (docs/methods.md A.23).
 */
export async function explainUnits(method: PerturbationMethod, request: UnitsRequest): Promise<UnitScores | Missing> {
	const { unitCount, seed, exampleId, evaluations, score } = request;
	if (unitCount === 0) return { scores: [], standardErrors: null, diagnostics: { evaluations: 0 } };
	const random = seededRandom(seed, exampleId, method.declaration.id);
	const plan = method.plan({ unitCount, random, evaluations });
	if ('missing' in plan) return plan;
	const different = new Map(plan.sets.map((set) => [nameOf(set), set]));
	const values = await score([...different.values()]);
	if (values.length !== different.size)
		throw new InternalError(`${values.length} values of ${different.size} subsets of units`);
	const valueOf = new Map(zip([...different.keys()], values));
	const broken = [...valueOf.entries()].find(([, value]) => !Number.isFinite(value));
	if (broken !== undefined) return { missing: notFinite(...broken) };
	const read = plan.read(plan.sets.map((set) => entryOf(valueOf, nameOf(set), 'value')));
	return { ...read, diagnostics: { evaluations: different.size, ...read.diagnostics } };
}

/** Returns values that ask `score` only about subsets it was not asked about before. */
export function rememberedValues(score: SetValues): SetValues {
	const known = new Map<string, number>();
	return async (sets) => {
		const unknown = new Map(sets.map((set) => [nameOf(set), set] as const).filter(([name]) => !known.has(name)));
		const values = unknown.size === 0 ? [] : await score([...unknown.values()]);
		for (const [name, value] of zip([...unknown.keys()], values)) known.set(name, value);
		return sets.map((set) => entryOf(known, nameOf(set), 'value'));
	};
}

function notFinite(name: string, value: number): string {
	const kept = name.replaceAll('0', '').length;
	return `the model’s value with ${kept} of ${name.length} units kept is not a finite number (${value})`;
}
