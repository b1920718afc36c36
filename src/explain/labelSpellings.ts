/** The tokens with which a model may answer each label of a task. */
import { UserError } from '../core/errors.ts';
import { itemAt, present, zip } from '../core/present.ts';
import type { Task } from '../core/task.ts';
import { firstTokensTellApart, labelThatBegins } from '../llm/labelAnswers.ts';
import type { LanguageModel, TokenIds } from '../llm/languageModel.ts';
import { spellingsOf } from '../prompts/classification.ts';
import type { LabelTokens, Spelling } from '../rationales/targets.ts';

/**
 * Returns the labels with the spellings that count, the exact one first, each with the tokens that are read of it. Where the
 * first tokens of the exact ones tell all labels apart, these are read, and of other spellings as many tokens as say as much
 * of the label: of `N|urse` both, where `nurse` is a token. Else spellings are read whole; one that begins another label's is
 * read with the end of the answer. Throws a `UserError` for a label without tokens of its own, and for one that begins
 * another's where the model knows no end. Models without tokens of their own get spellings whole.
 */
export async function labelSpellings(model: LanguageModel, task: Task, header: string): Promise<LabelTokens[]> {
	const before = (await model.encode(header)).ids;
	const found: Candidate[][] = [];
	for (const label of task.labels) {
		const read: (Candidate | null)[] = [];
		for (const [i, text] of spellingsOf(task, label).entries()) {
			read.push(await candidate(model, header, before, text, i === 0));
		}
		if (read[0] == null) throw withoutTokens(model, task, label);
		found.push(read.filter((one) => one !== null));
	}
	const exact = found.map((own) => itemAt(own, 0).tokens);
	const hasTokens = model.endTokens !== undefined;
	const isRead = hasTokens && firstTokensTellApart(exact, [...exact.keys()]);
	const kept = found.map((own, c) =>
		isRead ? readInPart(own, others(found, c)) : unlikeOthers(own, others(found, c)),
	);
	return zip(task.labels, kept).map(([label, own], c) => {
		const spellings = isRead || !hasTokens ? own : withEnds(model, label, own, others(kept, c));
		return { label, tokens: itemAt(exact, c), spellings };
	});
}

/** A spelling with all its tokens after the prompt, and how much of it the first ones say, in characters. */
interface Candidate extends Spelling {
	readonly isExact: boolean;
	readonly said: readonly number[];
}

/** Null where the tokenizer joins it to the end of the prompt. */
async function candidate(
	model: LanguageModel,
	header: string,
	before: TokenIds,
	text: string,
	isExact: boolean,
): Promise<Candidate | null> {
	const { ids, spans } = await model.encode(header + text);
	if (ids.length <= before.length || before.some((id, i) => id !== ids[i])) return null;
	const said = spans.slice(before.length).map(({ end }) => text.slice(0, end - header.length).trim().length);
	return { text, tokens: ids.slice(before.length), said, isExact };
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

function readInPart([exact, ...more]: readonly Candidate[], rivals: readonly Candidate[]): Spelling[] {
	const own = present(exact, 'exact spelling');
	const kept: Spelling[] = [{ text: own.text, tokens: own.tokens.slice(0, 1) }];
	const exactOfRivals = rivals.filter(({ isExact }) => isExact).map(({ tokens }) => tokens.slice(0, 1));
	for (const { text, tokens, said } of more) {
		const length = said.findIndex(
			(count, i) =>
				count >= itemAt(own.said, 0) && !rivals.some((rival) => begins(tokens.slice(0, i + 1), rival.tokens)),
		);
		if (length < 0) continue;
		const read = tokens.slice(0, length + 1);
		// What is counted already, for this label or for another, is counted once.
		const counted = [...kept.map((spelling) => spelling.tokens), ...exactOfRivals];
		if (!counted.some((other) => begins(other, read) || begins(read, other))) kept.push({ text, tokens: read });
	}
	return kept;
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

function withEnds(
	{ endTokens = [] }: LanguageModel,
	label: string,
	own: readonly Spelling[],
	rivals: readonly Spelling[],
): Spelling[] {
	return own.flatMap((spelling) => {
		if (!rivals.some(({ tokens }) => begins(spelling.tokens, tokens))) return [spelling];
		if (endTokens.length === 0) throw labelThatBegins(label);
		return endTokens.map((end) => ({ ...spelling, tokens: [...spelling.tokens, end] }));
	});
}

function begins(beginning: TokenIds, tokens: TokenIds): boolean {
	return beginning.every((token, i) => token === tokens[i]);
}
