import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../../core/errors.ts';
import { annotatedWords, exampleWords } from '../../core/example.ts';
import { readEraser } from './readEraser.ts';

let folder = '';
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'eraser-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const line = (change: object = {}): string =>
	JSON.stringify({
		annotation_id: 7,
		query: 'Who ?',
		query_type: null,
		classification: 'yes',
		docids: ['d'],
		evidences: [[{ docid: 'd', start_token: 1, end_token: 3 }], [{ docid: 'd', start_token: 2, end_token: 4 }]],
		...change,
	});

function write(annotations: string, document: string): void {
	mkdirSync(join(folder, 'docs'));
	writeFileSync(join(folder, 'docs', 'd'), document);
	writeFileSync(join(folder, 'test.jsonl'), annotations);
}

test('query and document, all evidence together', async () => {
	write(`${line()}\n`, 'a b\n\n  c  d \ne');
	const [example] = await readEraser(folder, 'test');
	if (example === undefined) throw new Error('no example');
	expect(example).toMatchObject({ id: '7', label: 'yes' });
	expect(example.segments.map(({ name, text }) => [name, text])).toEqual([
		['query', 'Who ?'],
		['document', 'a b\nc d\ne'],
	]);
	expect(exampleWords(example).map(({ text }) => text)).toEqual(['Who', '?', 'a', 'b', 'c', 'd', 'e']);
	const [annotation] = example.annotations;
	expect(annotation && annotatedWords(example, annotation)).toEqual([3, 4, 5]);
});

test('docs.jsonl counts empty lines as tokens, as ERASER does', async () => {
	writeFileSync(join(folder, 'docs.jsonl'), `${JSON.stringify({ docid: 'd', document: 'a b\n\nc d' })}\n`);
	const evidences = [[{ docid: 'd', start_token: 3, end_token: 4 }]];
	writeFileSync(join(folder, 'test.jsonl'), line({ query: '', evidences }));
	const [example] = await readEraser(folder, 'test');
	if (example === undefined) throw new Error('no example');
	const [annotation] = example.annotations;
	expect(annotation && annotatedWords(example, annotation).map((word) => exampleWords(example)[word]?.text)).toEqual([
		'c',
	]);
});

test('docs.jsonl may call the text of a document "text"', async () => {
	const read = async (document: object) => {
		writeFileSync(join(folder, 'docs.jsonl'), `${JSON.stringify({ docid: 'd', ...document })}\n`);
		writeFileSync(join(folder, 'test.jsonl'), line({ query: '' }));
		const [example] = await readEraser(folder, 'test');
		return example?.segments[0]?.text;
	};
	expect(await read({ text: 'a b c d' })).toBe('a b c d');
	expect(await read({ document: 'e f g h' })).toBe('e f g h');
	await expect(read({ body: 'a b c d' })).rejects.toThrow(
		/docs\.jsonl:1: a document has "docid" and "document" or "text"/u,
	);
});

test('a document that is a device or a folder is never read', async () => {
	write(line({ docids: ['device'], evidences: [] }), 'a b c d');
	symlinkSync('/dev/null', join(folder, 'docs', 'device'));
	await expect(readEraser(folder, 'test')).rejects.toThrow('is a device or a pipe');
	writeFileSync(join(folder, 'test.jsonl'), line({ docids: ['folder'], evidences: [] }));
	mkdirSync(join(folder, 'docs', 'folder'));
	await expect(readEraser(folder, 'test')).rejects.toThrow('is a folder');
});

test('no evidence is no annotation', async () => {
	write(line({ evidences: [] }), 'a b c d');
	expect((await readEraser(folder, 'test'))[0]?.annotations).toEqual([]);
});

test('names every line that cannot be used', async () => {
	const outside = line({ evidences: [[{ docid: 'd', start_token: 3, end_token: 9 }]] });
	write([line({ docids: ['../test.jsonl'] }), outside, line({ classification: 1 })].join('\n'), 'a b c d');
	await expect(readEraser(folder, 'test')).rejects.toThrow(UserError);
	await expect(readEraser(folder, 'test')).rejects.toThrow(
		/:1: document "..\/test.jsonl" is not in[^]*:2: evidence \[3, 9\)[^]*:3:/,
	);
});

test('a folder without documents is no ERASER folder', async () => {
	writeFileSync(join(folder, 'test.jsonl'), line());
	await expect(readEraser(folder, 'test')).rejects.toThrow(/found neither/);
});

test('the benchmark of the fixtures', async () => {
	const examples = await readEraser(fileURLToPath(new URL('../../../fixtures/metrics/data', import.meta.url)), 'test');
	expect(examples).toHaveLength(40);
	const [first] = examples;
	if (first === undefined) throw new Error('no example');
	const words = exampleWords(first);
	const marked = first.annotations.flatMap((annotation) => annotatedWords(first, annotation));
	expect(marked.map((word) => words[word]?.text)).toEqual(['w47', 'w12', 'w15', 'w26']);
});
