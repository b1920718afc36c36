/** Authors' files, as `scripts/realData.ts` turns them into what our readers take. All texts are made up. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { eSnli } from '../scripts/realData/eSnli.ts';
import { fever } from '../scripts/realData/fever.ts';
import { medicalBios } from '../scripts/realData/medicalBios.ts';
import { sciFact } from '../scripts/realData/sciFact.ts';
import { snli } from '../scripts/realData/snli.ts';
import { type Example, exampleWords, annotatedWords } from '../src/core/example.ts';
import { publishedNamed } from '../src/datasets/published/publishedDatasets.ts';

const temporary = mkdtempSync(join(tmpdir(), 'real-data-'));
afterAll(() => rmSync(temporary, { recursive: true }));

const lines = (...rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

function authors(files: Readonly<Record<string, string>>): string {
	const folder = mkdtempSync(join(temporary, 'authors-'));
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(dirname(join(folder, name)), { recursive: true });
		writeFileSync(join(folder, name), text);
	}
	return folder;
}

/** Returns the words that each annotator marked. */
function marked(example: Example | undefined): string[][] {
	if (example === undefined) return [];
	const words = exampleWords(example).map(({ text }) => text);
	return example.annotations.map((annotation) => {
		const numbers = annotatedWords(example, annotation);
		return words.filter((_, number) => numbers.includes(number));
	});
}

const biography = {
	text: 'She pulls teeth, gently.',
	label: 'dentist',
	tokens: ['She', 'pulls', 'teeth', ',', 'gently', '.'],
};

test('biographies keep each annotator, and the training texts leave out those that are annotated', async () => {
	const folder = authors({
		'medicalbios-rationales/standard_by_bio.jsonl': lines({
			...biography,
			annotators: { P01: [0, 1, 1, 0, 0, 0], P02: [0, 0, 1, 0, 0, 0] },
		}),
		'medicalbios-rationales/contrastive_by_bio.jsonl': lines({
			...biography,
			foil: 'Nurse',
			annotators: { P03: [0, 0, 1, 0, 1, 0] },
		}),
		'biosbias.csv': 'text,title\n"She pulls teeth, gently.",dentist\nHe nurses.,nurse\n',
	});
	const out = join(folder, 'out');
	const said = medicalBios.convert(folder, out);
	const read = async (id: string, split: string): Promise<readonly Example[]> =>
		(await publishedNamed(id, 'test').read(out, split)).examples;
	const [standard] = await read('medical-bios', 'rationales');
	const [contrastive] = await read('medical-bios-contrastive', 'rationales');
	expect(marked(standard)).toEqual([['pulls', 'teeth'], ['teeth']]);
	expect(marked(contrastive)).toEqual([['teeth', 'gently']]);
	expect(contrastive?.foil).toBe('nurse');
	expect((await read('medical-bios', 'train')).map(({ label }) => label)).toEqual(['nurse']);
	expect(said[1]).toBe('train.jsonl, 1 rows; 1 are among the annotated ones');
});

const pair = {
	id: '1.jpg#0r1c',
	premise: 'A red boat sails.',
	hypothesis: 'A boat sinks, "slowly".',
	label: 'contradiction',
	explanations: [
		{ text_explanation: 'Why.', premise_expl_tokens: [['sails.', 11]], hypothesis_expl_tokens: [['sinks,', 7]] },
	],
};

test("e-SNLI's offsets become marks between asterisks", async () => {
	const three = { ...pair, explanations: [1, 2, 3].flatMap(() => pair.explanations) };
	const folder = authors({
		'esnli-highlights/dev.json': JSON.stringify([three]),
		'esnli-highlights/train.json': JSON.stringify([pair]),
	});
	eSnli.convert(folder, join(folder, 'out'));
	const { examples } = await publishedNamed('e-snli', 'test').read(join(folder, 'out'), 'dev');
	expect(marked(examples[0])).toEqual([1, 2, 3].map(() => ['sails.', 'sinks,']));
	expect(examples[0]?.segments.map(({ text }) => text)).toEqual([pair.premise, pair.hypothesis]);
});

test('a word of e-SNLI that does not stand at its offset is an error', () => {
	const wrong = { ...pair, explanations: [{ ...pair.explanations[0], premise_expl_tokens: [['sails.', 10]] }] };
	const folder = authors({ 'esnli-highlights/dev.json': JSON.stringify([wrong]), 'esnli-highlights/train.json': '[]' });
	expect(() => eSnli.convert(folder, join(folder, 'out'))).toThrow(
		'"sails." does not stand at 10 of "A red boat sails."',
	);
});

test('plain pairs leave out the lines that share a premise with annotated ones', () => {
	const folder = authors({
		'snli-plain/s1.dev': 'One .\nTwo .\n',
		'snli-plain/s2.dev': 'Yes .\nNo .\n',
		'snli-plain/labels.dev': 'entailment\nneutral\n',
		'snli-plain/dev_rows_sharing_a_premise_with_esnli-highlights_dev.txt': '0\n',
	});
	snli.convert(folder, join(folder, 'out'));
	const rows = readFileSync(join(folder, 'out', 'train.jsonl'), 'utf8')
		.trim()
		.split('\n');
	expect(rows.map((row) => JSON.parse(row))).toEqual([
		{ id: 'snli-dev-1', premise: 'Two .', hypothesis: 'No .', label: 'neutral' },
	]);
});

test('claims find their documents', async () => {
	const text = 'Ann sings .\nShe lives in Rome .';
	const evidence = {
		docid: 'Ann',
		start_token: 3,
		end_token: 8,
		start_sentence: 1,
		end_sentence: 2,
		text: 'She lives in Rome .',
	};
	const claim = {
		annotation_id: '7',
		classification: 'SUPPORTS',
		docids: ['Ann'],
		evidences: [[evidence]],
		query: 'Ann lives in Rome.',
	};
	const folder = authors({
		'fever-eraser/val.jsonl': lines(claim),
		'fever-eraser/test.jsonl': lines(claim),
		'fever-eraser/docs_val.jsonl': lines({ docid: 'Ann', text }),
		'fever-eraser/docs_test.jsonl': lines({ docid: 'Bob', text }),
	});
	fever.convert(folder, join(folder, 'out'));
	const { examples } = await publishedNamed('fever', 'test').read(join(folder, 'out'), 'val');
	expect(marked(examples[0])).toEqual([['She', 'lives', 'in', 'Rome', '.']]);
});

test('abstracts with shifted marks are left out', () => {
	const table =
		'id,text,classification,rationale,query\n0,It works .,SUPPORTS,"[0, 1, 0]",Works.\n1,No .,REFUTES,"[1, 0]",Fails.\n';
	const folder = authors({
		'scifact-eraser/rows_with_suspect_spans.txt': 'val 1\n',
		'scifact-eraser/train.csv': table,
		'scifact-eraser/val.csv': table,
	});
	expect(sciFact.convert(folder, join(folder, 'out'))[1]).toBe('val.jsonl, 1 rows; 1 with suspect marks left out');
	expect(JSON.parse(readFileSync(join(folder, 'out', 'val.jsonl'), 'utf8'))).toEqual({
		id: 'scifact-val-0',
		claim: 'Works.',
		abstract: 'It works .',
		label: 'SUPPORTS',
		marked: [0, 1, 0],
	});
});
