/** Which names a template expects to be told. */
import type { TemplateNode } from './templateNode.ts';

/** What of a template's names is found. */
interface Found {
	readonly read: Set<string>;
	/** Names that it declares itself: by `set`, as a loop's variable, a macro or its parameter. */
	readonly declared: Set<string>;
	/** Names that it asks of whether they are defined, or has a default for. */
	readonly optional: Set<string>;
}

/**
 * Returns the names, sorted, that a template reads and does not declare, or asks of whether they are defined: those that may be
 * told it. A name that it reads before it declares it under a condition is among them only where it asks.
 */
export function freeNames(root: TemplateNode): string[] {
	const found: Found = { read: new Set(), declared: new Set(), optional: new Set() };
	visit(root, found);
	const { read, declared, optional } = found;
	return [...new Set([...[...read].filter((name) => !declared.has(name)), ...optional])].toSorted();
}

function visit(value: unknown, found: Found): void {
	if (Array.isArray(value) || value instanceof Map) {
		for (const part of value) visit(part, found);
		return;
	}
	if (typeof value !== 'object' || value === null) return;
	// Objects within a parsed template are nodes, or their operators, which hold no names.
	const node = value as TemplateNode & { readonly name?: TemplateNode };
	const name = node.type === 'Identifier' && typeof node.value === 'string' ? node.value : undefined;
	if (name !== undefined) {
		found.read.add(name);
		return;
	}
	for (const [part, child] of Object.entries(node)) if (!isNoReading(node, part)) visit(child, found);
	if (node.filter?.type === 'CallExpression') visit(node.filter.args, found);
	declare(node, found);
	const asked = node.type === 'TestExpression' && isDefinedTest(node.test) ? node.operand : defaulted(node);
	if (asked?.type === 'Identifier') found.optional.add(String(asked.value));
}

/** Parts that hold a name which is not looked up: attributes, filters, tests, names of arguments, what is declared. */
function isNoReading(node: TemplateNode, part: string): boolean {
	// Words as operators (`and`) look like names.
	if (part === 'operator') return true;
	switch (node.type) {
		case 'MemberExpression':
			return part === 'property' && node.computed !== true;
		case 'FilterExpression':
		case 'FilterStatement':
			return part === 'filter';
		case 'TestExpression':
			return part === 'test';
		case 'KeywordArgumentExpression':
			return part === 'key';
		case 'Set':
			return part === 'assignee' && node.assignee?.type !== 'MemberExpression';
		case 'For':
			return part === 'loopvar';
		case 'Macro':
			return part === 'name' || part === 'args';
		default:
			return false;
	}
}

function declare(node: TemplateNode & { readonly name?: TemplateNode }, { declared }: Found): void {
	const names: unknown[] = [];
	if (node.type === 'Set') names.push(node.assignee);
	if (node.type === 'For') names.push(node.loopvar);
	if (node.type === 'Macro') names.push(node.name, ...(node.args ?? []));
	for (const name of names.flatMap(identifiers)) declared.add(name);
}

/** Returns the names of an assignment's left side, or of a macro's parameter. */
function identifiers(value: unknown): string[] {
	if (typeof value !== 'object' || value === null) return [];
	const node = value as TemplateNode & { readonly key?: TemplateNode };
	if (node.type === 'Identifier') return [String(node.value)];
	if (node.type === 'TupleLiteral') return (node.value as readonly unknown[]).flatMap(identifiers);
	return node.type === 'KeywordArgumentExpression' ? identifiers(node.key) : [];
}

function isDefinedTest(test: TemplateNode | undefined): boolean {
	return test?.value === 'defined' || test?.value === 'undefined';
}

/** Returns what the filter `default` is applied to. */
function defaulted({ type, filter, operand }: TemplateNode): TemplateNode | undefined {
	const name = filter?.type === 'CallExpression' ? filter.callee?.value : filter?.value;
	return type === 'FilterExpression' && (name === 'default' || name === 'd') ? operand : undefined;
}
