/** The tokens with which a model may answer each label of a task. */
import { UserError } from '../core/errors.ts';
import type { Task } from '../core/task.ts';
import { firstTokensTellApart, labelThatBegins } from '../llm/labelAnswers.ts';
import type { LanguageModel, TokenIds } from '../llm/languageModel.ts';
import { spellingsOf } from '../prompts/classification.ts';
import type { LabelTokens, Spelling } from '../rationales/targets.ts';

/**
 * Returns the labels with the spellings that count, the exact one first. Where the first tokens of the exact ones tell all
 * labels apart, another spelling counts where its first token is no other label's and says at least as much of the label as
 * that of the exact one: `N` of `N|urse` does not stand for `nurse` where that is a token. Else spellings are read whole; one
 * that begins another label's is read with the end of the answer. Throws a `UserError` for a label without tokens of its own,
 * and for one that begins another's where the model knows no end.
 */
export async function labelSpellings(model: LanguageModel, task: Task, header: string): Promise<LabelTokens[]> {
	const before = (await model.encode(header)).ids;
	const found: Candidate[][] = [];
	for (const label of task.labels) {
		const texts = spellingsOf(task, label);
		const read: (Candidate | null)[] = [];
		for (const text of texts) read.push(await candidate(model, header, before, text));
		if (read[0] == null) throw withoutTokens(model, task, label);
		found.push(read.filter((one) => one !== null));
	}
	const exact = found.map(([first]) => first?.tokens ?? []);
	const isRead = firstTokensTellApart(exact, [...exact.keys()]);
	const kept = found.map((own, c) =>
		isRead ? byFirstToken(own, others(found, c)) : unlikeOthers(own, others(found, c)),
	);
	return task.labels.map((label, c) => {
		const spellings = isRead ? (kept[c] ?? []) : withEnds(model, label, kept[c] ?? [], others(kept, c));
		return { label, tokens: exact[c] ?? [], spellings };
	});
}

/** A spelling with its tokens after the prompt, and how much of it the first one says, in characters. */
interface Candidate extends Spelling {
	readonly said: number;
}

/** Null where the tokenizer joins it to the end of the prompt. */
async function candidate(
	model: LanguageModel,
	header: string,
	before: TokenIds,
	text: string,
): Promise<Candidate | null> {
	const { ids, spans } = await model.encode(header + text);
	if (ids.length <= before.length || before.some((id, i) => id !== ids[i])) return null;
	const end = spans[before.length]?.end ?? header.length;
	return { text, tokens: ids.slice(before.length), said: text.slice(0, end - header.length).trim().length };
}

function withoutTokens(model: LanguageModel, task: Task, label: string): UserError {
	return new UserError(
		`task "${task.id}", model "${model.id}": the answer for label "${label}" has no tokens of its own, ` +
			'the tokenizer joins it to the end of the prompt. Choose another verbalizer.',
	);
}

function others<T>(lists: readonly (readonly T[])[], own: number): T[] {
	return lists.flatMap((list, c) => (c === own ? [] : list));
}

function byFirstToken([exact, ...more]: readonly Candidate[], rivals: readonly Candidate[]): Spelling[] {
	const taken = new Set(rivals.map(({ tokens }) => tokens[0]));
	const kept: Candidate[] = exact === undefined ? [] : [exact];
	for (const one of more) {
		const isOwn = !taken.has(one.tokens[0]) && kept.every(({ tokens }) => tokens[0] !== one.tokens[0]);
		if (isOwn && one.said >= (exact?.said ?? 0)) kept.push(one);
	}
	return kept.map(spellingOf);
}

/** Leaves out what another label is spelled as, too. */
function unlikeOthers([exact, ...more]: readonly Candidate[], rivals: readonly Candidate[]): Spelling[] {
	const taken = new Set(rivals.map(({ tokens }) => String(tokens)));
	return [...(exact === undefined ? [] : [exact]), ...more.filter(({ tokens }) => !taken.has(String(tokens)))].map(
		spellingOf,
	);
}

function spellingOf({ text, tokens }: Candidate): Spelling {
	return { text, tokens };
}

/** Models without ends of their own, behind an API, are asked in another way. */
function withEnds(
	{ endTokens }: LanguageModel,
	label: string,
	own: readonly Spelling[],
	rivals: readonly Spelling[],
): Spelling[] {
	if (endTokens === undefined) return [...own];
	return own.flatMap((spelling) => {
		if (!rivals.some(({ tokens }) => begins(spelling.tokens, tokens))) return [spelling];
		if (endTokens.length === 0) throw labelThatBegins(label);
		return endTokens.map((end) => ({ ...spelling, tokens: [...spelling.tokens, end] }));
	});
}

function begins(beginning: TokenIds, tokens: TokenIds): boolean {
	return beginning.every((token, i) => token === tokens[i]);
}
