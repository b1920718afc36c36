/**
 * What models said, by what they were asked: a study that grows asks only what is new. An answer is kept under the hash
 * of the form of calls, the model's identity, the prompt's tokens and the options. `calls.jsonl` holds a line per
 * call, so that what a crash leaves behind are whole calls; each line carries a hash of its answers, and the file may be
 * deleted at any time.
 */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../core/errors.ts';
import { contentId } from '../../core/ids.ts';
import { zip } from '../../core/present.ts';
import type {
	AttributionPass,
	GeneratedTokens,
	LabelScores,
	LanguageModel,
	MultiPassAttribution,
	PassOutput,
	ScoringOptions,
} from '../../llm/languageModel.ts';
import { cutTornEnd, readJsonLines } from '../../files/jsonLines.ts';
import { outputError } from '../../files/outputErrors.ts';
import { callFormat } from '../../records/recordFormat.ts';

export interface CallCache {
	get(key: string): unknown;
	/** Keeps the answers of one call, all or none. */
	add(answers: ReadonlyMap<string, unknown>): Promise<void>;
}

/** Returns the cache of an output folder, which must exist. A torn last line is cut off. `kept` tells how many records are safe. */
export async function openCallCache(folder: string, kept: () => number = () => 0): Promise<CallCache> {
	const path = join(folder, 'calls.jsonl');
	const answers = new Map<string, unknown>();
	try {
		const read = await readJsonLines(path, (text, line) => {
			for (const [key, answer] of callIn(text, `${path}:${line}`)) answers.set(key, answer);
		});
		await cutTornEnd(path, read);
	} catch (error) {
		throw outputError(error, path, kept());
	}
	return {
		get: (key) => answers.get(key),
		add: async (added) => {
			if (added.size === 0) return;
			await appendFile(path, `${lineOf(Object.fromEntries(added))}\n`).catch((error: unknown) => {
				throw outputError(error, path, kept());
			});
			for (const [key, answer] of added) answers.set(key, answer);
		},
	};
}

const lineSchema = z.object({ answers: z.record(z.string(), z.unknown()), check: z.string() });

function lineOf(answers: Readonly<Record<string, unknown>>): string {
	return JSON.stringify({ answers, check: contentId(answers) });
}

/** Returns the answers of a line; none where it was written by an older version, without a check. */
function callIn(text: string, where: string): [string, unknown][] {
	const value = parsed(text);
	const { data: line } = lineSchema.safeParse(value);
	if (line !== undefined && line.check === contentId(line.answers)) return Object.entries(line.answers);
	if (line === undefined && isOfOldForm(value)) return [];
	throw new UserError(
		`${where}: is not as this program wrote it. Delete the file: what is missing is asked again, and no result is lost.`,
	);
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** Before lines had checks, they held answers by their keys and nothing else. */
function isOfOldForm(value: unknown): boolean {
	return (
		typeof value === 'object' && value !== null && Object.keys(value).every((name) => /^[0-9a-f]{16}$/u.test(name))
	);
}

/**
 * Returns the model with answers from the cache where there are any. What a model draws at random, or could not answer,
 * is not kept. Prompts that are asked for in part share other batches than in a run from the start, which may change
 * the last digits of a score.
 */
export function withCallCache(model: LanguageModel, cache: CallCache): LanguageModel {
	const keyOf = (...what: readonly unknown[]): string => contentId([callFormat, model.identity, ...what]);
	return {
		...model,
		scoreLabels: (prompts, answers, { blocked: blockedOf, precision, ...rest } = {}) => {
			const items = prompts.map((prompt, i) => ({ prompt, blocked: blockedOf?.[i] ?? [] }));
			const own = model.reducedPrecision === undefined ? 'full' : (precision ?? 'usual');
			const wanted = precision === undefined ? {} : { precision };
			return answered(cache, items, {
				key: (item) => keyOf('scoreLabels', item, own, answers, rest),
				// Who does not ask for the likeliest tokens is answered by the same scores.
				also: (item) => keyOf('scoreLabels', item, own, answers, withoutLikeliest(rest)),
				ask: (asked) => {
					const ids = asked.map(({ prompt }) => prompt);
					const blocked = asked.map((item) => item.blocked);
					const blocking = blocked.some(({ length }) => length > 0) ? { blocked } : {};
					return model.scoreLabels(ids, answers, { ...rest, ...wanted, ...blocking });
				},
				write: writtenScores,
				read: (kept) => kept as LabelScores,
			});
		},
		attribute: async (prompts, targets, outputs, options = {}) => {
			const passes: AttributionPass[] = prompts.map(() => ({}));
			const key = (i: number, output: PassOutput): string =>
				keyOf('attribute', prompts[i], targets[i], output, options);
			const numbers = prompts.map((_, i) => i);
			const missing = outputs.filter((output) => numbers.some((i) => cache.get(key(i, output)) === undefined));
			const found = missing.length === 0 ? [] : await model.attribute(prompts, targets, missing, options);
			const added = new Map<string, unknown>();
			for (const i of numbers) {
				for (const output of outputs) {
					const fresh = found[i]?.[output];
					if (fresh !== undefined) added.set(key(i, output), writtenFloats(fresh));
					const kept = fresh ?? readFloats(cache.get(key(i, output)));
					if (kept !== undefined) passes[i] = { ...passes[i], [output]: kept };
				}
			}
			await cache.add(added);
			return passes;
		},
		attributeByPasses: (prompts, request) =>
			answered(cache, prompts, {
				key: (prompt) => keyOf('attributeByPasses', prompt, request),
				ask: (asked) => model.attributeByPasses(asked, request),
				write: ({ scores, diagnostics }) => ({ scores: writtenFloats(scores), diagnostics }),
				read: (kept) => {
					const { scores, diagnostics } = kept as { scores: string; diagnostics: MultiPassAttribution['diagnostics'] };
					return { scores: readFloats(scores) ?? new Float32Array(), diagnostics };
				},
			}),
		generate: (prompts, options, watch) => {
			const { constraints, ...rest } = options;
			if (rest.sampling !== undefined || watch !== undefined) return model.generate(prompts, options, watch);
			const items = prompts.map((prompt, i) => ({ prompt, constraint: constraints?.[i] ?? null }));
			return answered(cache, items, {
				key: ({ prompt, constraint }) => keyOf('generate', prompt, constraint, rest),
				ask: (asked) => {
					const own = asked.flatMap(({ constraint }) => constraint ?? []);
					return model.generate(
						asked.map(({ prompt }) => prompt),
						constraints === undefined ? options : { ...rest, constraints: own },
					);
				},
				write: (answer: GeneratedTokens) => (answer.problem === undefined ? answer : undefined),
				read: (kept) => kept as GeneratedTokens,
			});
		},
	};
}

interface Call<Item, Answer> {
	readonly key: (item: Item) => string;
	/** Another key under which the answer is kept, too. */
	readonly also?: (item: Item) => string;
	readonly ask: (items: readonly Item[]) => Promise<Answer[]>;
	/** Returns what is kept, undefined for an answer that is not. */
	readonly write: (answer: Answer) => unknown;
	readonly read: (kept: unknown) => Answer;
}

/** Returns an answer per item; the model is asked about those without one, in one call. */
async function answered<Item, Answer>(
	cache: CallCache,
	items: readonly Item[],
	{ key, also = key, ask, write, read }: Call<Item, Answer>,
): Promise<Answer[]> {
	const keyed = items.map((item) => ({ item, key: key(item) }));
	const missing = keyed.filter((one) => cache.get(one.key) === undefined);
	const answers = missing.length === 0 ? [] : await ask(missing.map(({ item }) => item));
	const fresh = new Map(zip(missing, answers));
	const added = new Map(
		[...fresh].flatMap(([one, answer]) => {
			const kept = write(answer);
			return [also(one.item), one.key].map((name) => [name, kept] as const);
		}),
	);
	await cache.add(new Map([...added].filter(([, kept]) => kept !== undefined)));
	return keyed.map((one) => fresh.get(one) ?? read(cache.get(one.key)));
}

function withoutLikeliest(options: ScoringOptions): ScoringOptions {
	const { likeliest: _, ...rest } = options;
	return rest;
}

/** JSON has no NaN and no infinity: scores that are no numbers are asked for again. */
function writtenScores(scores: LabelScores): unknown {
	const isPlain = scores.problem === undefined && [...scores.logProbabilities, scores.mass].every(Number.isFinite);
	return isPlain ? scores : undefined;
}

function writtenFloats(floats: Float32Array): string {
	return Buffer.from(floats.buffer, floats.byteOffset, floats.byteLength).toString('base64');
}

function readFloats(kept: unknown): Float32Array | undefined {
	if (typeof kept !== 'string') return undefined;
	const bytes = Uint8Array.from(Buffer.from(kept, 'base64'));
	return new Float32Array(bytes.buffer);
}
