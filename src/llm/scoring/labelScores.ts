/** Log-probabilities of labels after prompts, each shared prefix computed once. */
import { entryOf, itemAt } from '../../core/present.ts';
import type { LabelScores, ScoringOptions, TokenIds } from '../languageModel.ts';
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
}

/** Rows of several sequences are no longer than this. */
const rowTokens = 128;

/**
 * Returns the scores of each prompt's labels: log p(label) = sum_j log p(token j | prompt, tokens before j), or of the
 * first token alone where these tell all labels apart. Tokens that no later one attends to are left out, the others
 * stay where they are: nothing else depends on them.
 */
export async function scoreLabels(
	context: EngineContext,
	prompts: readonly TokenIds[],
	labels: readonly TokenIds[],
	{ blocked = [] }: ScoringOptions = {},
): Promise<LabelScores[]> {
	const firstTokens = new Set(labels.map(([first]) => first));
	const read = firstTokens.size === labels.length ? labels.map((label) => label.slice(0, 1)) : labels;
	const questions = prompts.flatMap((ids, i) => {
		const prompt = positionedTokens(ids, blocked[i]);
		return read.map((label) => questionOf(prompt, label));
	});
	const values = await answers(context, questions);
	return prompts.map((_, i) => {
		const logProbabilities = values.slice(i * labels.length, (i + 1) * labels.length);
		return { logProbabilities, mass: logProbabilities.reduce((total, value) => total + Math.exp(value), 0) };
	});
}

function questionOf(prompt: readonly PositionedToken[], label: TokenIds): Question {
	const last = prompt.at(-1);
	const next = last === undefined ? 0 : last.position + 1;
	const answered = label.slice(0, -1).map((id, j) => ({ id, position: next + j }));
	const tokens = answered.length === 0 ? prompt : [...prompt, ...answered];
	return { tokens, wanted: label.map((token, j) => ({ index: prompt.length - 1 + j, token })) };
}

/** Returns for each question the sum of the log-probabilities of its tokens. */
async function answers(context: EngineContext, questions: readonly Question[]): Promise<number[]> {
	if (questions.length === 0) return [];
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
	const sums = new Map<Question, number>(questions.map((question) => [question, 0]));
	const schedule = schedulePrefixes(sequences, limits);
	const cache = await context.prefixes.of(context, schedule.tokens);
	await runScheduled(context, schedule, cache, (readout) => {
		const group = itemAt(groups, readout.sequence);
		const start = itemAt(group, 0).tokens.length - readout.count;
		return group.flatMap((question) =>
			question.wanted.map(({ index, token }) => ({
				index: readout.index + index - start,
				token,
				take: (value: number) => sums.set(question, entryOf(sums, question) + value),
			})),
		);
	});
	return questions.map((question) => entryOf(sums, question));
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
	readonly take: (value: number) => void;
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
	const results = await graph.run(feeds, ['logProbabilities']);
	const values = floatsOf(results, 'logProbabilities');
	for (const [n, { take }] of wanted.flat().entries()) take(itemAt(values, n));
}
