/**
 * What the library makes of a template, typed: its own declarations import each other without file extensions, which TypeScript
 * cannot follow for Node, so that they are of no type at all.
 */
import { Environment, Interpreter, Template } from '@huggingface/jinja';

/** A value; `type` tells the kinds apart and says what `value` is. */
export interface JinjaValue {
	readonly type: string;
	readonly value: unknown;
	__bool__(): { readonly value: boolean };
	toString(): string;
}

/** Names and what they stand for. */
export interface Scope {
	/** Declares a name for a value of JavaScript. */
	set(name: string, value: unknown): JinjaValue;
	setVariable(name: string, value: JinjaValue): JinjaValue;
	lookupVariable(name: string): JinjaValue;
}

interface LibraryInterpreter {
	readonly global: Scope;
	/** Returns a node's value; it calls itself for the parts. Undefined for no node. */
	evaluate(node: TemplateNode | undefined, scope: Scope): JinjaValue;
}

export const BaseInterpreter: new (names: Scope) => LibraryInterpreter = Interpreter;
export const NestedScope: new (parent?: Scope) => Scope = Environment;

/** A node of the parsed template; which parts it has depends on its type. */
export interface TemplateNode {
	readonly type: string;
	readonly body?: readonly TemplateNode[];
	readonly alternate?: readonly TemplateNode[];
	readonly defaultBlock?: readonly TemplateNode[];
	readonly test?: TemplateNode;
	readonly loopvar?: TemplateNode;
	readonly iterable?: TemplateNode;
	readonly lhs?: TemplateNode;
	readonly operand?: TemplateNode;
	readonly filter?: TemplateNode;
	readonly callee?: TemplateNode;
	readonly args?: readonly TemplateNode[];
	readonly assignee?: TemplateNode;
	readonly object?: TemplateNode;
	readonly property?: TemplateNode;
	readonly computed?: boolean;
	readonly left?: TemplateNode;
	readonly right?: TemplateNode;
	readonly operator?: { readonly value: string };
	/** Of an identifier its name, of a literal its value, of a list its members. */
	readonly value?: unknown;
}

/** Returns the root of a template. Throws an `Error` where it cannot be parsed. */
export function parsedTemplate(source: string): TemplateNode {
	const template: { readonly parsed: TemplateNode } = new Template(source);
	return template.parsed;
}

/** A node that stands for a value that is known already. */
export interface KnownValue extends TemplateNode {
	readonly type: 'KnownValue';
	readonly value: JinjaValue;
}

/** Returns a node whose value is this one. */
export function known(value: JinjaValue): KnownValue {
	return { type: 'KnownValue', value };
}

/** Returns the name that a filter or an identifier has. */
export function nameOf(node: TemplateNode | undefined): string {
	const identifier = node?.type === 'CallExpression' ? node.callee : node;
	return typeof identifier?.value === 'string' ? identifier.value : '';
}
