/**
 * Runs a chat template as Jinja 3 does. The library's interpreter is corrected where it differs from Jinja in what published
 * templates do: `break` and `continue`, scopes of loops, filters on undefined, texts as sequences, white space, equality. What
 * does not end, or grows without end, is stopped: templates come with models that were downloaded.
 */
import { isList, membersOf, pythonEqual, pythonText, stripped, stripping } from './pythonText.ts';
import {
	BaseInterpreter,
	type JinjaValue,
	known,
	nameOf,
	NestedScope,
	type Scope,
	type TemplateNode,
} from './templateNode.ts';

export interface TemplateLimits {
	/** Largest number of nodes evaluated. */
	readonly steps: number;
	readonly milliseconds: number;
	/** Longest text, in UTF-16 code units. */
	readonly characters: number;
	/** Longest list. */
	readonly members: number;
}

/** Of a rendering; the longest templates of published models take some thousand steps per turn. */
export const templateLimits: TemplateLimits = {
	steps: 1_000_000,
	milliseconds: 10_000,
	characters: 10_000_000,
	members: 100_000,
};

/** Looks at the clock once in so many steps. */
const stepsPerLook = 1024;

/** Filters that Jinja applies to the text of whatever they are given. */
const textFilters = new Set(['trim', 'upper', 'lower', 'title', 'capitalize', 'replace', 'indent', 'string']);
/** Filters that read a text letter by letter. */
const sequenceFilters = new Set(['list', 'first', 'last', 'unique', 'sort', 'map', 'select', 'reject', 'join']);

/** Returns what a parsed template writes. Throws what the template raises, and an error that names the limit it exceeds. */
export function runTemplate(root: TemplateNode, names: Scope, limits = templateLimits): string {
	return String(new ChatInterpreter(names, limits).evaluate(root, names).value);
}

/** A limit was exceeded. */
export class TemplateLimitError extends Error {}

/** Carries what a loop's body wrote before `break` or `continue` up to the loop. */
class LoopExit extends Error {
	readonly kind: 'Break' | 'Continue';
	written = '';

	constructor(kind: 'Break' | 'Continue') {
		super(`${kind.toLowerCase()} outside of a loop`);
		this.kind = kind;
	}
}

class ChatInterpreter extends BaseInterpreter {
	readonly #limits: TemplateLimits;
	readonly #end: number;
	#steps = 0;

	constructor(names: Scope, limits: TemplateLimits) {
		super(names);
		this.#limits = limits;
		this.#end = performance.now() + limits.milliseconds;
	}

	override evaluate(statement: TemplateNode | undefined, scope: Scope): JinjaValue {
		this.#count();
		const value = statement === undefined ? this.#library(statement, scope) : this.#valueOf(statement, scope);
		this.#requireSize(value);
		return value;
	}

	#count(): void {
		const { steps, milliseconds } = this.#limits;
		this.#steps++;
		if (this.#steps > steps) throw new TemplateLimitError(`it takes more than ${steps} steps, so it may never end`);
		if (this.#steps % stepsPerLook === 0 && performance.now() > this.#end)
			throw new TemplateLimitError(`it takes longer than ${milliseconds / 1000} seconds, so it may never end`);
	}

	#requireLength(text: string): void {
		const { characters } = this.#limits;
		if (text.length > characters) throw new TemplateLimitError(`it makes a text of more than ${characters} characters`);
	}

	#requireSize({ type, value }: JinjaValue): void {
		const { members } = this.#limits;
		if (typeof value === 'string') this.#requireLength(value);
		if ((type === 'ArrayValue' || type === 'TupleValue') && (value as readonly unknown[]).length > members)
			throw new TemplateLimitError(`it makes a list of more than ${members} members`);
	}

	/** The library's own evaluation; it calls `evaluate` for the parts. */
	#library(node: TemplateNode | undefined, scope: Scope): JinjaValue {
		return super.evaluate(node, scope);
	}

	#valueOf(node: TemplateNode, scope: Scope): JinjaValue {
		switch (node.type) {
			case 'KnownValue':
				// By its type.
				return node.value as JinjaValue;
			case 'Program':
				return this.#text(this.#written(node.body, scope));
			case 'If':
				return this.#text(this.#written(this.#isTrue(node.test, scope) ? node.body : node.alternate, scope));
			case 'For':
				return this.#text(this.#loop(node, scope));
			case 'Break':
			case 'Continue':
				throw new LoopExit(node.type);
			case 'FilterExpression':
				return this.#filtered(node, scope);
			case 'CallExpression':
				return this.#called(node, scope);
			case 'BinaryExpression':
				return this.#combined(node, scope);
			case 'MemberExpression':
				return this.#library({ ...node, object: known(this.#defined(node.object, scope)) }, scope);
			case 'Set':
			case 'Macro':
			case 'CallStatement':
				return this.#library(withBlock(node), scope);
			default:
				return this.#library(node, scope);
		}
	}

	#isTrue(node: TemplateNode | undefined, scope: Scope): boolean {
		// oxlint-disable-next-line no-underscore-dangle -- the library names it as Python does
		return this.evaluate(node, scope).__bool__().value;
	}

	#text(text: string): JinjaValue {
		return this.#library({ type: 'StringLiteral', value: text }, this.global);
	}

	#list(members: readonly JinjaValue[]): JinjaValue {
		return this.#library({ type: 'ArrayLiteral', value: members.map(known) }, this.global);
	}

	#truth(value: boolean): JinjaValue {
		return this.global.lookupVariable(value ? 'true' : 'false');
	}

	/** Returns what statements write, one after the other. */
	#written(statements: readonly TemplateNode[] | undefined, scope: Scope): string {
		let text = '';
		for (const statement of statements ?? []) {
			try {
				const value = this.evaluate(statement, scope);
				if (!isSilent(statement)) text += pythonText(value);
			} catch (error) {
				if (error instanceof LoopExit) error.written = text + error.written;
				throw error;
			}
		}
		return text;
	}

	/** As in Jinja every turn has a scope of its own, and `else` follows unless one came to the end of the body. */
	#loop({ iterable, loopvar, body, defaultBlock }: TemplateNode, scope: Scope): string {
		const isFiltered = iterable?.type === 'SelectExpression';
		const values = this.#members(this.evaluate(isFiltered ? iterable.lhs : iterable, scope));
		const items = isFiltered
			? values.filter((value) => this.#isTrue(iterable.test, this.#bound(loopvar, value, scope)))
			: values;
		let text = '';
		let hasEnded = false;
		for (const [index, item] of items.entries()) {
			const turn = this.#bound(loopvar, item, scope);
			turn.setVariable('loop', this.#loopVariable(items, index));
			try {
				text += this.#written(body, turn);
				hasEnded = true;
			} catch (error) {
				if (!(error instanceof LoopExit)) throw error;
				text += error.written;
				if (error.kind === 'Break') break;
			}
			this.#requireLength(text);
		}
		return hasEnded ? text : text + this.#written(defaultBlock, new NestedScope(scope));
	}

	/** Returns what a loop goes through: a list's members, a record's keys, a text's letters; nothing of undefined. */
	#members(value: JinjaValue): readonly JinjaValue[] {
		if (isList(value)) return membersOf(value);
		if (value.type === 'UndefinedValue') return [];
		if (value.type === 'StringValue') return Array.from(String(value.value), (letter) => this.#text(letter));
		// By its type.
		if (value.type === 'ObjectValue')
			return Array.from((value.value as Map<string, JinjaValue>).keys(), (key) => this.#text(key));
		throw new Error(`a loop over ${pythonText(value)}, which has no members`);
	}

	#bound(loopvar: TemplateNode | undefined, value: JinjaValue, scope: Scope): Scope {
		const turn = new NestedScope(scope);
		// The library assigns as `set` does: to a name, or to as many names as the value has members.
		this.#library({ type: 'Set', ...(loopvar && { assignee: loopvar }), value: known(value), body: [] }, turn);
		return turn;
	}

	#loopVariable(items: readonly JinjaValue[], index: number): JinjaValue {
		const count = items.length;
		const number = (value: number): JinjaValue => this.#library({ type: 'IntegerLiteral', value }, this.global);
		const neighbour = (item: JinjaValue | undefined): JinjaValue => item ?? this.#library(undefined, this.global);
		const parts = {
			index: number(index + 1),
			index0: number(index),
			revindex: number(count - index),
			revindex0: number(count - index - 1),
			first: this.#truth(index === 0),
			last: this.#truth(index === count - 1),
			length: number(count),
			previtem: neighbour(items[index - 1]),
			nextitem: neighbour(items[index + 1]),
		};
		const value = Object.entries(parts).map(([name, part]) => [known(this.#text(name)), known(part)]);
		return this.#library({ type: 'ObjectLiteral', value }, this.global);
	}

	#filtered(node: TemplateNode, scope: Scope): JinjaValue {
		const operand = this.evaluate(node.operand, scope);
		const name = nameOf(node.filter);
		if (name === 'length' || name === 'count') return this.#lengthOf(operand);
		if (name === 'trim')
			return this.#text(stripped(pythonText(operand), stripping.strip, this.#characters(node, scope)));
		if (name === 'string') return this.#text(pythonText(operand));
		if (name === 'reverse' && operand.type === 'StringValue')
			return this.#text(Array.from(String(operand.value)).toReversed().join(''));
		if (name === 'items' && operand.type === 'UndefinedValue') return this.#list([]);
		const read = this.#readBy(name, operand);
		return this.#library({ ...node, filter: filterOf(name, node), operand: known(read) }, scope) ?? this.#undefined();
	}

	/** Returns what a filter makes of its operand before it begins. */
	#readBy(name: string, operand: JinjaValue): JinjaValue {
		if (textFilters.has(name)) return this.#text(pythonText(operand));
		if (sequenceFilters.has(name) && (operand.type === 'StringValue' || operand.type === 'UndefinedValue'))
			return this.#list(this.#members(operand));
		if (operand.type !== 'UndefinedValue') return operand;
		if (name === 'reverse' || name === 'selectattr' || name === 'rejectattr') return this.#list([]);
		if (name === 'default' || name === 'd') return operand;
		throw new Error(`the filter "${name}" of a value that is undefined`);
	}

	#lengthOf(value: JinjaValue): JinjaValue {
		const isRecord = value.type === 'NamespaceValue' || value.type === 'NullValue';
		if (isRecord) throw new Error(`${pythonText(value)} has no length`);
		return this.#library({ type: 'IntegerLiteral', value: this.#members(value).length }, this.global);
	}

	/** Returns the one text argument of a call or filter, null where there is none. */
	#characters({ filter, args }: TemplateNode, scope: Scope): string | null {
		const [argument] = (filter === undefined ? args : filter.args) ?? [];
		if (argument === undefined) return null;
		const value = this.evaluate(argument, scope);
		return value.type === 'NullValue' ? null : pythonText(value);
	}

	/** Methods of texts that the library has otherwise than Python; all other calls are the library's. */
	#called(node: TemplateNode, scope: Scope): JinjaValue {
		const { callee } = node;
		if (callee?.type !== 'MemberExpression' || callee.computed === true) return this.#library(node, scope);
		const object = this.#defined(callee.object, scope);
		const name = nameOf(callee.property);
		if (object.type === 'StringValue' && Object.hasOwn(stripping, name)) {
			const ends = stripping[name as keyof typeof stripping];
			return this.#text(stripped(String(object.value), ends, this.#characters(node, scope)));
		}
		return this.#library({ ...node, callee: { ...callee, object: known(object) } }, scope);
	}

	#combined(node: TemplateNode, scope: Scope): JinjaValue {
		const operator = node.operator?.value;
		if (operator === '~')
			return this.#text(pythonText(this.evaluate(node.left, scope)) + pythonText(this.evaluate(node.right, scope)));
		if (operator !== '==' && operator !== '!=') return this.#library(node, scope);
		const isEqual = pythonEqual(this.evaluate(node.left, scope), this.evaluate(node.right, scope));
		return this.#truth(isEqual === (operator === '=='));
	}

	#undefined(): JinjaValue {
		return this.#library(undefined, this.global);
	}

	/** Jinja refuses to look into what is undefined. */
	#defined(node: TemplateNode | undefined, scope: Scope): JinjaValue {
		const value = this.evaluate(node, scope);
		if (value.type !== 'UndefinedValue') return value;
		throw new Error(`${nameOf(node) || 'a value that it looks into'} is undefined`);
	}
}

/** Statements whose value is no text. */
function isSilent({ type }: TemplateNode): boolean {
	return type === 'Set' || type === 'Macro' || type === 'Comment';
}

/** The library writes the statements of a block in its own way; as one program they are written in ours. */
function withBlock(node: TemplateNode): TemplateNode {
	const { body = [] } = node;
	return body.length === 0 ? node : { ...node, body: [{ type: 'Program', body }] };
}

/** Returns the filter as the library knows it. */
function filterOf(name: string, { filter }: TemplateNode): TemplateNode {
	if (name !== 'default' && name !== 'd') return filter ?? { type: 'Identifier' };
	const callee = { type: 'Identifier', value: 'default' };
	return { type: 'CallExpression', callee, args: filter?.args ?? [] };
}
