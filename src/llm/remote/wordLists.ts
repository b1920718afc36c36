/** Lists restricted to given items, as a JSON schema, and what the server answers to it as our tokens. */
import { z } from 'zod';
import { itemAt } from '../../core/present.ts';
import type { TokenIds, ListConstraint } from '../languageModel.ts';
import { strict } from './probe.ts';
import { type Completion, parseJson } from './protocol.ts';
import { quoted, withheld } from './parseLabel.ts';
import { type AnswerProblem, answerProblems } from '../../core/answerProblem.ts';

/** Returns the texts of the items; they are spelled as in JSON. */
export function itemTexts({ items }: ListConstraint, decode: (ids: TokenIds) => string): string[] {
	return items.map(({ tokens }) => {
		const spelled = decode(tokens);
		const read = parseJson(`"${spelled}"`);
		return typeof read === 'string' ? read : spelled;
	});
}

/** Returns the schema of `{"words": [...]}` with 1 to `most` of the texts. */
export function listSchema(texts: readonly string[], most: number): object {
	const items = { type: 'string', enum: [...new Set(texts)] };
	return strict({ type: 'object', properties: { words: { type: 'array', items, minItems: 1, maxItems: most } } } as {
		properties: object;
	});
}

const listAnswer = z.union([
	z.object({ words: z.array(z.string()) }).transform(({ words }) => words),
	z.array(z.string()),
]);

/** Returns the list in tokens; items that do not exist, or were listed too often, are left out. */
export function readList(
	answer: Completion,
	constraint: ListConstraint,
	texts: readonly string[],
): { readonly ids: TokenIds } | { readonly problem: AnswerProblem } {
	const problem = withheld(answer);
	if (problem !== null) return { problem };
	const text = answer.text.trim();
	const parsed = listAnswer.safeParse(parseJson(text));
	if (!parsed.success) {
		const isHalf = /^[{[]/u.test(text) && parseJson(text) === undefined;
		const detail = `the answer is ${isHalf ? 'JSON that breaks off' : 'not the list asked for'}: ${quoted(text)}`;
		return { problem: { kind: isHalf ? answerProblems.truncated_json : answerProblems.free_text, detail } };
	}
	const numbers = allowed(parsed.data, constraint, texts);
	if (numbers.length === 0) {
		return {
			problem: { kind: answerProblems.unknown_label, detail: `the answer lists no word of the text: ${quoted(text)}` },
		};
	}
	const { open, between, close, items } = constraint;
	const listed = numbers.flatMap((item, i) => [...(i === 0 ? [] : between), ...itemAt(items, item).tokens]);
	return { ids: [...open, ...listed, ...close] };
}

function allowed(words: readonly string[], { items, most }: ListConstraint, texts: readonly string[]): number[] {
	const used = items.map(() => 0);
	const numbers = words.flatMap((word) => {
		const item = texts.indexOf(word);
		if (item < 0) return [];
		const times = itemAt(used, item);
		if (times >= itemAt(items, item).times) return [];
		used[item] = times + 1;
		return [item];
	});
	return numbers.slice(0, most);
}
