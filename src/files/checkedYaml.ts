/** YAML text -> value of a strict schema; problems are reported all at once, each with its line and the path of its key. */
import { type Alias, type Document, isMap, isNode, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { nearest, UserError } from '../core/errors.ts';

type Path = readonly PropertyKey[];

/** Kinds of values as a reader calls them. */
const KINDS: Readonly<Record<string, string>> = {
	object: 'keys with values',
	record: 'keys with values',
	array: 'a list',
	string: 'a text',
	number: 'a number',
	int: 'a whole number',
	boolean: 'true or false',
};

/** Says where in a file a value or key stands: `study.yaml:7 (datasets[0].limit)`. */
type Locate = (path: Path, of: 'value' | 'key') => string;

/** Says where in a file a value stands, or what it would stand in. */
export type Place = (path: Path) => string;

/**
 * Returns the text's value, checked against a schema.
 * @throws UserError for text that is no YAML and for every key or value the schema refuses.
 */
export function parseCheckedYaml<T>(schema: z.ZodType<T>, text: string, file: string): T {
	return readCheckedYaml(schema, text, file).value;
}

/** Returns the same, and where each value stands, for what is found wrong later. Throws as `parseCheckedYaml` does. */
export function readCheckedYaml<T>(schema: z.ZodType<T>, text: string, file: string): { value: T; place: Place } {
	const lines = new LineCounter();
	const document = parseDocument(text, { lineCounter: lines });
	const broken = document.errors[0];
	if (broken !== undefined) {
		throw new UserError(`${file}:${broken.linePos?.[0].line ?? 1}: not valid YAML: ${broken.message}`);
	}
	const value: unknown = valueOf(document, (node) => `${file}:${lines.linePos(node.range?.[0] ?? 0).line}`);
	const result = schema.safeParse(value);
	// A shorthand lacks the keys that it stands for: what is named is what the file has.
	const written = (path: Path): Path => path.slice(0, pathOfNode(document.contents, path));
	const locate: Locate = (path, of) => {
		const node = of === 'key' ? keyNode(document.contents, path) : nodeAt(document.contents, path);
		const line = lines.linePos(node?.range?.[0] ?? 0).line;
		return path.length === 0 ? `${file}:${line}` : `${file}:${line} (${pathText(path)})`;
	};
	if (result.success) return { value: result.data, place: (path) => locate(written(path), 'value') };
	const problems = result.error.issues.flatMap((issue) => problemsOf(issue, value, schema, locate));
	throw new UserError(problems.join('\n'));
}

/** Returns the document's value. Throws `UserError` for an alias that stands for itself, and for more of them than a file needs. */
function valueOf(document: Document.Parsed, placeOf: (node: Node) => string): unknown {
	let first: Alias | undefined;
	visit(document, {
		Alias: (_, alias, path) => {
			first ??= alias;
			const target = alias.resolve(document);
			if (target !== undefined && path.includes(target)) {
				throw new UserError(
					`${placeOf(alias)}: *${alias.source} stands within what it stands for. Write the value out.`,
				);
			}
		},
	});
	try {
		return document.toJS();
	} catch (error) {
		if (!(error instanceof ReferenceError) || first === undefined) throw error;
		throw new UserError(
			`${placeOf(first)}: aliases (*${first.source}) stand for aliases so often that the values become too many. Write them out.`,
			{ cause: error },
		);
	}
}

/**
 * Returns a value checked against a schema.
 * @throws UserError with a line for every key or value the schema refuses, after the name of what was checked.
 */
export function parseChecked<T>(schema: z.ZodType<T>, value: unknown, name: string): T {
	const result = schema.safeParse(value);
	if (result.success) return result.data;
	const locate: Locate = (path) => (path.length === 0 ? name : `${name} (${pathText(path)})`);
	throw new UserError(result.error.issues.flatMap((issue) => problemsOf(issue, value, schema, locate)).join('\n'));
}

function problemsOf(issue: z.core.$ZodIssue, root: unknown, schema: z.ZodType, locate: Locate): string[] {
	if (issue.code === 'unrecognized_keys') {
		const known = keysAt(schema, issue.path);
		return issue.keys.map((key) => `${locate([...issue.path, key], 'key')}: ${unknown('key', key, known)}`);
	}
	const value = valueAt(root, issue.path);
	if (issue.code === 'invalid_union') {
		const inner = bestBranch(issue, value).map((nested) => ({ ...nested, path: [...issue.path, ...nested.path] }));
		if (inner.length > 0) return inner.flatMap((nested) => problemsOf(nested, root, schema, locate));
	}
	return [`${locate(issue.path, 'value')}: ${complaint(issue, value)}`];
}

/** Returns the problems of the alternative that was meant: the one that accepts at least the kind of value. */
function bestBranch({ errors }: z.core.$ZodIssueInvalidUnion, value: unknown): readonly z.core.$ZodIssue[] {
	const misses = (branch: readonly z.core.$ZodIssue[]): boolean =>
		branch.some(({ code, path }) => code === 'invalid_type' && path.length === 0);
	return value === undefined ? [] : (errors.find((branch) => !misses(branch)) ?? []);
}

function complaint(issue: z.core.$ZodIssue, value: unknown): string {
	if (value === undefined) return 'this key is required.';
	if (issue.code === 'invalid_value') return unknown('value', value, issue.values.map(String));
	if (issue.code === 'invalid_type') return `expected ${KINDS[issue.expected] ?? issue.expected}, got ${shown(value)}.`;
	return `${issue.message}, got ${shown(value)}.`;
}

function unknown(kind: string, name: unknown, known: readonly string[]): string {
	const near = typeof name === 'string' ? nearest(name, known) : undefined;
	const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
	return `unknown ${kind} ${shown(name)}.${hint} Known: ${known.join(', ')}.`;
}

function shown(value: unknown): string {
	const text = JSON.stringify(value) ?? String(value);
	return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function pathText(path: Path): string {
	return path.reduce<string>(
		(text, step) => (typeof step === 'number' ? `${text}[${step}]` : `${text}${text === '' ? '' : '.'}${String(step)}`),
		'',
	);
}

/** Returns the node at a path, or the nearest one above it: a shorthand has no node for the keys it stands for. */
function nodeAt(root: Node | null, path: Path): Node | null {
	let node = root;
	for (const step of path) {
		const inner: unknown = isNode(node) && 'get' in node ? node.get(step, true) : undefined;
		if (!isNode(inner)) break;
		node = inner;
	}
	return node;
}

/** Returns how many steps of a path have a node. */
function pathOfNode(root: Node | null, path: Path): number {
	const found = path.findIndex((_, i) => nodeAt(root, path.slice(0, i + 1)) === nodeAt(root, path.slice(0, i)));
	return found < 0 ? path.length : found;
}

function keyNode(root: Node | null, path: Path): Node | null {
	const parent = nodeAt(root, path.slice(0, -1));
	const pair = isMap(parent) ? parent.items.find(({ key }) => String(key) === String(path.at(-1))) : undefined;
	return isNode(pair?.key) ? pair.key : parent;
}

/** Returns the value at a path; a shorthand stands for all the keys it replaces. */
function valueAt(root: unknown, path: Path): unknown {
	return path.reduce<unknown>(
		(value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : value),
		root,
	);
}

/** Returns the keys that the schema knows at a path. */
function keysAt(schema: z.core.$ZodType, path: Path): string[] {
	const [step, ...rest] = path;
	if (isWrapper(schema)) return keysAt(schema.unwrap(), path);
	if (schema instanceof z.ZodPipe) return keysAt(schema.in instanceof z.ZodTransform ? schema.out : schema.in, path);
	if (schema instanceof z.ZodUnion) {
		return schema.options.map((option) => keysAt(option, path)).find((keys) => keys.length > 0) ?? [];
	}
	if (schema instanceof z.ZodArray && step !== undefined) return keysAt(schema.element, rest);
	if (schema instanceof z.ZodRecord && step !== undefined) return keysAt(schema.valueType, rest);
	if (!(schema instanceof z.ZodObject)) return [];
	if (step === undefined) return Object.keys(schema.shape);
	const inner: unknown = schema.shape[String(step)];
	return inner instanceof z.ZodType ? keysAt(inner, rest) : [];
}

function isWrapper(schema: z.core.$ZodType): schema is z.core.$ZodType & { unwrap(): z.core.$ZodType } {
	return [z.ZodOptional, z.ZodDefault, z.ZodPrefault, z.ZodNullable].some((kind) => schema instanceof kind);
}
