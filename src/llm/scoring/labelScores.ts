/** Log-probabilities of labels after prompts, each shared prefix computed once. */
import { logSumExp } from '../../core/logSumExp.ts';
import { entryOf, itemAt, lastOf, zip } from '../../core/present.ts';
import { firstTokensTellApart } from '../labelAnswers.ts';
import type { LabelScores, ScoredToken, ScoringOptions, TokenIds } from '../languageModel.ts';
import { floatsOf, rowFeeds, vector } from '../graphs/feeds.ts';
import { extendCache, type KeyValueCache, truncateCache } from '../prefix/keyValueCache.ts';
import { readGraph } from '../graphs/forwardGraphs.ts';
import { type ScheduleLimits, schedulePrefixes, type ScheduledPrefix } from '../prefix/prefixSchedule.ts';
import { nameOfTokens, type Sequence } from '../prefix/prefixTree.ts';
import { type PositionedToken, positionedTokens, type Readout, type Row } from '../graphs/row.ts';
import type { EngineContext } from '../sessions/engineContext.ts';

/** Tokens whose log-probabilities are wanted after tokens of a sequence, by their index counted from its first token. */
interface Question {
	readonly tokens: readonly PositionedToken[];
	readonly wanted: readonly { readonly index: number; readonly token: number }[];
	/** How many of the most probable tokens are wanted in the place of the first one. */
	readonly likeliest: number;
}

/** Rows of several sequences are no longer than this. */
const rowTokens = 128;

/** What a prompt's labels were found to have; tokens are numbers here. */
export interface TokenScores extends Omit<LabelScores, 'likeliest'> {
	readonly likeliest?: readonly ScoredToken[];
}

/**
 * Returns the scores of each prompt's labels: log p(label) = log sum_a p(a) over its answers a, log p(a) = sum_j log p(token j |
 * prompt, tokens before j). Where nobody says which answer is whose, each is a label, read by its first token alone where these
 * tell all apart. Tokens that no later one attends
 * to are left out, the others stay where they are: nothing else depends on them.
 */
export async function scoreLabels(
	context: EngineContext,
	prompts: readonly TokenIds[],
	answers: readonly TokenIds[],
	{ blocked = [], labelOf, likeliest = 0 }: ScoringOptions = {},
): Promise<TokenScores[]> {
	const labels = labelOf ?? [...answers.keys()];
	const read = labelOf === undefined ? readTokens(answers) : answers;
	const questions = prompts.map((ids, i) => {
		const prompt = positionedTokens(ids, blocked[i]);
		return read.map((answer, a) => questionOf(prompt, answer, a === 0 ? likeliest : 0));
	});
	const found = await answersTo(context, questions.flat());
	return questions.map((own) => {
		const values = own.map((question) => entryOf(found.sums, question, 'sum'));
		const tops = own.flatMap((question) => found.likeliest.get(question) ?? []);
		const logProbabilities = sumsByLabel(values, read, labels);
		return {
			logProbabilities,
			mass: logProbabilities.reduce((total, value) => total + Math.exp(value), 0),
			...(labelOf === undefined ? {} : { answers: values }),
			...(likeliest > 0 ? { likeliest: tops } : {}),
		};
	});
}

/** Returns what is read of each answer: its first token where that tells it from all others, for all; else all of it. */
function readTokens(answers: readonly TokenIds[]): readonly TokenIds[] {
	return firstTokensTellApart(answers, [...answers.keys()]) ? answers.map((answer) => answer.slice(0, 1)) : answers;
}

/**
 * Returns log sum p [C] of the answers [A] of each label, from their log-probabilities; those that are read as the same tokens
 * count once.
 */
export function sumsByLabel(
	values: readonly number[],
	read: readonly TokenIds[],
	labelOf: readonly number[],
): number[] {
	const ofLabel = (label: number): number => {
		const own = values.flatMap((value, a) => (labelOf[a] === label ? [[String(read[a]), value] as const] : []));
		return logSumExp([...new Map(own).values()]);
	};
	return Array.from({ length: Math.max(...labelOf) + 1 }, (_, label) => ofLabel(label));
}

function questionOf(prompt: readonly PositionedToken[], answer: TokenIds, likeliest: number): Question {
	const last = prompt.at(-1);
	const next = last === undefined ? 0 : last.position + 1;
	const answered = answer.slice(0, -1).map((id, j) => ({ id, position: next + j }));
	const tokens = answered.length === 0 ? prompt : [...prompt, ...answered];
	return { tokens, wanted: answer.map((token, j) => ({ index: prompt.length - 1 + j, token })), likeliest };
}

interface Found {
	/** The sum of the log-probabilities of a question's tokens. */
	readonly sums: ReadonlyMap<Question, number>;
	/** The most probable tokens in the place of its first one, of questions that ask for some. */
	readonly likeliest: ReadonlyMap<Question, readonly ScoredToken[]>;
}

async function answersTo(context: EngineContext, questions: readonly Question[]): Promise<Found> {
	const sums = new Map<Question, number>(questions.map((question) => [question, 0]));
	const likeliest = new Map<Question, readonly ScoredToken[]>();
	if (questions.length === 0) return { sums, likeliest };
	const groups = groupsOf(questions);
	const sequences: Sequence[] = groups.map((group) => {
		const first = itemAt(group, 0);
		const earliest = Math.min(...group.flatMap(({ wanted }) => wanted.map(({ index }) => index)));
		return { tokens: first.tokens, read: first.tokens.length - earliest };
	});
	const limits: ScheduleLimits = {
		maxTokens: context.runs.forward,
		rowTokens,
		minimumSharedTokens: context.minimumSharedTokens,
	};
	const schedule = schedulePrefixes(sequences, limits);
	const cache = await context.prefixes.of(context, schedule.tokens);
	await runScheduled(context, schedule, cache, (readout) => {
		const group = itemAt(groups, readout.sequence);
		const start = itemAt(group, 0).tokens.length - readout.count;
		return group.flatMap((question) =>
			question.wanted.map(({ index, token }, j): Wanted => {
				const place = readout.index + index - start;
				const take = (value: number): unknown => sums.set(question, entryOf(sums, question) + value);
				if (j > 0 || question.likeliest === 0) return { index: place, token, take };
				const takeAll = (all: Float32Array): unknown => likeliest.set(question, mostProbable(all, question.likeliest));
				return { index: place, token, take, takeAll };
			}),
		);
	});
	return { sums, likeliest };
}

/** Returns the tokens with the largest log-probabilities, best first; the first of equals first. */
function mostProbable(all: Float32Array, count: number): ScoredToken[] {
	const best: ScoredToken[] = [];
	let least = -Infinity;
	for (const [token, logProbability] of all.entries()) {
		if (best.length === count && logProbability <= least) continue;
		const after = best.findIndex((other) => other.logProbability < logProbability);
		best.splice(after < 0 ? best.length : after, 0, { token, logProbability });
		if (best.length > count) best.pop();
		least = lastOf(best).logProbability;
	}
	return best;
}

/** Returns the questions about the same tokens together. */
function groupsOf(questions: readonly Question[]): Question[][] {
	const names = new Map<readonly PositionedToken[], string>();
	const groups = new Map<string, Question[]>();
	for (const question of questions) {
		const name = names.get(question.tokens) ?? nameOfTokens(question.tokens);
		names.set(question.tokens, name);
		const group = groups.get(name);
		if (group === undefined) groups.set(name, [question]);
		else group.push(question);
	}
	return [...groups.values()];
}

/** A token that is asked about after a token of a row, and who takes its log-probability. */
interface Wanted {
	readonly index: number;
	readonly token: number;
	readonly take: (value: number) => unknown;
	/** Takes the log-probabilities of all tokens there; left out where nobody asks. */
	readonly takeAll?: (all: Float32Array) => unknown;
}

async function runScheduled(
	context: EngineContext,
	{ batches, children }: ScheduledPrefix,
	cache: KeyValueCache,
	wantedAt: (readout: Readout) => Wanted[],
): Promise<void> {
	for (const rows of batches) await readRows(context, rows, cache, wantedAt);
	for (const child of children) {
		const extended = await extendCache(context, truncateCache(cache, child.start), child.tokens);
		await runScheduled(context, child, extended, wantedAt);
	}
}

async function readRows(
	context: EngineContext,
	rows: readonly Row[],
	cache: KeyValueCache,
	wantedAt: (readout: Readout) => Wanted[],
): Promise<void> {
	const graph = await context.session('read', () => readGraph(context.decoder));
	const seen = truncateCache(cache, Math.max(...rows.map(({ visiblePrefix }) => itemAt(visiblePrefix, 0))));
	const wanted = rows.map((row) => row.readouts.flatMap(wantedAt));
	const readouts = wanted.map((own) => [...new Set(own.map(({ index }) => index))]);
	const width = Math.max(...readouts.map((indices) => indices.length));
	const targets = wanted.flatMap((own, row) =>
		own.map(({ index, token }) => {
			const read = row * width + itemAt(readouts, row).indexOf(index);
			return read * context.decoder.sizes.vocabulary + token;
		}),
	);
	const feeds = { ...seen.feeds, ...rowFeeds(rows, seen.positions, readouts), targets: vector(targets) };
	const isAllAsked = wanted.flat().some(({ takeAll }) => takeAll !== undefined);
	const results = await graph.run(feeds, ['logProbabilities', ...(isAllAsked ? ['distributions'] : [])]);
	const values = floatsOf(results, 'logProbabilities');
	const { vocabulary } = context.decoder.sizes;
	for (const [n, [{ take, takeAll }, target]] of zip(wanted.flat(), targets).entries()) {
		take(itemAt(values, n));
		const first = Math.floor(target / vocabulary) * vocabulary;
		takeAll?.(floatsOf(results, 'distributions').subarray(first, first + vocabulary));
	}
}
