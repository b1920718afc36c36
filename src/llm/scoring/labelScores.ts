/** Log-probabilities of labels after prompts, each different beginning computed once. */
import type { LabelScores, ScoringOptions, TokenIds } from '../languageModel.ts';
import { floatsOf, rowFeeds, vector } from '../graphs/feeds.ts';
import { keepMore, type KeptTokens, upTo } from '../prefix/keyValueCache.ts';
import { readGraph } from '../graphs/forwardGraphs.ts';
import { type PlanLimits, planPasses, type Stage } from '../prefix/prefixSchedule.ts';
import { nameOfTokens, type Passage } from '../prefix/prefixTree.ts';
import { type PlacedToken, placedTokens, type Reading, type Row } from '../graphs/row.ts';
import type { EngineContext } from '../sessions/engineContext.ts';

/** Tokens whose log-probabilities are wanted after the places of a passage, counted from its first token. */
interface Question {
	readonly tokens: readonly PlacedToken[];
	readonly wanted: readonly { readonly place: number; readonly token: number }[];
}

/** Rows of several passages are no longer than this. */
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
		const prompt = placedTokens(ids, blocked[i]);
		return read.map((label) => questionOf(prompt, label));
	});
	const values = await answers(context, questions);
	return prompts.map((_, i) => {
		const logProbabilities = values.slice(i * labels.length, (i + 1) * labels.length);
		return { logProbabilities, mass: logProbabilities.reduce((total, value) => total + Math.exp(value), 0) };
	});
}

function questionOf(prompt: readonly PlacedToken[], label: TokenIds): Question {
	const next = (prompt.at(-1)?.position ?? -1) + 1;
	const answered = label.slice(0, -1).map((id, j) => ({ id, position: next + j }));
	const tokens = answered.length === 0 ? prompt : [...prompt, ...answered];
	return { tokens, wanted: label.map((token, j) => ({ place: prompt.length - 1 + j, token })) };
}

/** Returns for each question the sum of the log-probabilities of its tokens. */
async function answers(context: EngineContext, questions: readonly Question[]): Promise<number[]> {
	if (questions.length === 0) return [];
	const groups = groupsOf(questions);
	const passages: Passage[] = groups.map((group) => {
		const [first] = group as [Question];
		const earliest = Math.min(...group.map(({ wanted }) => wanted[0]?.place ?? Infinity));
		return { tokens: first.tokens, read: first.tokens.length - earliest };
	});
	const limits: PlanLimits = {
		maxTokens: context.runs.forward,
		rowTokens,
		worthwhile: context.worthwhile,
	};
	const sums = new Map<Question, number>(questions.map((question) => [question, 0]));
	const plan = planPasses(passages, limits);
	const kept = await context.beginnings.of(context, plan.tokens);
	await runStage(context, plan, kept, (reading) => {
		const group = groups[reading.passage] as Question[];
		const start = (group[0]?.tokens.length ?? 0) - reading.count;
		return group.flatMap((question) =>
			question.wanted.map(({ place, token }) => ({
				place: reading.place + place - start,
				token,
				take: (value: number) => sums.set(question, (sums.get(question) ?? 0) + value),
			})),
		);
	});
	return questions.map((question) => sums.get(question) ?? NaN);
}

/** Returns the questions about the same tokens together. */
function groupsOf(questions: readonly Question[]): Question[][] {
	const names = new Map<readonly PlacedToken[], string>();
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

/** A token that is asked about after a place of a row, and who takes its log-probability. */
interface Wanted {
	readonly place: number;
	readonly token: number;
	readonly take: (value: number) => void;
}

async function runStage(
	context: EngineContext,
	{ batches, stages }: Stage,
	kept: KeptTokens,
	wantedAt: (reading: Reading) => Wanted[],
): Promise<void> {
	for (const rows of batches) await readRows(context, rows, kept, wantedAt);
	for (const stage of stages) {
		await runStage(context, stage, await keepMore(context, upTo(kept, stage.start), stage.tokens), wantedAt);
	}
}

async function readRows(
	context: EngineContext,
	rows: readonly Row[],
	kept: KeptTokens,
	wantedAt: (reading: Reading) => Wanted[],
): Promise<void> {
	const graph = await context.session('read', () => readGraph(context.decoder));
	const seen = upTo(kept, Math.max(...rows.map(({ reach }) => reach[0] ?? 0)));
	const wanted = rows.map(({ readings }) => readings.flatMap(wantedAt));
	const reads = wanted.map((own) => [...new Set(own.map(({ place }) => place))]);
	const width = Math.max(...reads.map((places) => places.length));
	const targets = wanted.flatMap((own, row) =>
		own.map(({ place, token }) => {
			const read = row * width + (reads[row] as number[]).indexOf(place);
			return read * context.decoder.sizes.vocabulary + token;
		}),
	);
	const feeds = { ...seen.feeds, ...rowFeeds(rows, seen.positions, reads), targets: vector(targets) };
	const results = await graph.run(feeds, ['logProbabilities']);
	const values = floatsOf(results, 'logProbabilities');
	for (const [n, { take }] of wanted.flat().entries()) take(values[n] ?? NaN);
}
