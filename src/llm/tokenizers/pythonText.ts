/** Values of a template as Python shows and compares them. */
import { itemAt } from '../../core/present.ts';
import { trim, trimEnd, trimStart } from '../../core/whiteSpace.ts';
import type { JinjaValue } from './templateNode.ts';

/** Returns `str(value)`; undefined is the empty text. */
export function pythonText(value: JinjaValue): string {
	return value.type === 'StringValue' ? String(value.value) : value.type === 'UndefinedValue' ? '' : shown(value);
}

/** Returns `repr(value)`. */
function shown(value: JinjaValue): string {
	switch (value.type) {
		case 'StringValue':
			return quoted(String(value.value));
		case 'NullValue':
			return 'None';
		case 'UndefinedValue':
			return 'Undefined';
		case 'BooleanValue':
			return value.value === true ? 'True' : 'False';
		case 'ArrayValue':
			return `[${membersOf(value).map(shown).join(', ')}]`;
		case 'TupleValue': {
			const members = membersOf(value).map(shown);
			return members.length === 1 ? `(${members[0]},)` : `(${members.join(', ')})`;
		}
		case 'ObjectValue':
			return `{${entriesOf(value)
				.map(([key, member]) => `${quoted(key)}: ${shown(member)}`)
				.join(', ')}}`;
		default:
			return value.toString();
	}
}

function quoted(text: string): string {
	const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
	const escaped = text
		.replaceAll('\\', '\\\\')
		.replaceAll('\n', '\\n')
		.replaceAll('\r', '\\r')
		.replaceAll('\t', '\\t')
		.replaceAll(quote, `\\${quote}`);
	return quote + escaped + quote;
}

/** Returns `left == right`: numbers and booleans by value, lists and records by their members, all else by type and value. */
export function pythonEqual(left: JinjaValue, right: JinjaValue): boolean {
	const [a, b] = [numberOf(left), numberOf(right)];
	if (a !== undefined || b !== undefined) return a === b;
	if (isList(left) && isList(right)) {
		const [own, other] = [membersOf(left), membersOf(right)];
		return left.type === right.type && own.length === other.length && own.every((member, i) => same(member, other[i]));
	}
	if (left.type === 'ObjectValue' && right.type === 'ObjectValue') {
		const [own, other] = [entriesOf(left), new Map(entriesOf(right))];
		return own.length === other.size && own.every(([key, member]) => same(member, other.get(key)));
	}
	return left.type === right.type && left.value === right.value;
}

function same(left: JinjaValue, right: JinjaValue | undefined): boolean {
	return right !== undefined && pythonEqual(left, right);
}

function numberOf(value: JinjaValue): number | undefined {
	const isNumber = value.type === 'IntegerValue' || value.type === 'FloatValue' || value.type === 'BooleanValue';
	return isNumber ? Number(value.value) : undefined;
}

/** Returns whether a value is a list or a tuple. */
export function isList(value: JinjaValue): boolean {
	return value.type === 'ArrayValue' || value.type === 'TupleValue';
}

/** Returns the members of a list or tuple. */
export function membersOf(value: JinjaValue): readonly JinjaValue[] {
	// By its type.
	return value.value as readonly JinjaValue[];
}

function entriesOf(value: JinjaValue): [string, JinjaValue][] {
	// By its type.
	return [...(value.value as Map<string, JinjaValue>)];
}

/** The methods of Python's `str` that take something away at the ends of a text. */
export const stripping = {
	strip: { start: true, end: true },
	lstrip: { start: true, end: false },
	rstrip: { start: false, end: true },
} as const;

/** Returns a text without the characters at the chosen ends that are among `characters`; white space where null. */
export function stripped(
	text: string,
	{ start, end }: { readonly start: boolean; readonly end: boolean },
	characters: string | null,
): string {
	if (characters === null) {
		if (start && end) return trim(text);
		return start ? trimStart(text) : trimEnd(text);
	}
	const letters = Array.from(text);
	const isTaken = (index: number): boolean => characters.includes(itemAt(letters, index));
	let [from, to] = [0, letters.length];
	if (start) while (from < to && isTaken(from)) from++;
	if (end) while (to > from && isTaken(to - 1)) to--;
	return letters.slice(from, to).join('');
}
