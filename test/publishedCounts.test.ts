/** What the loaders find in the authors' own files: RATIONALE_DATA=folder npx vitest run test/publishedCounts.test.ts */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Example } from '../src/core/example.ts';
import { publishedNamed } from '../src/datasets/published/publishedDatasets.ts';

// oxlint-disable-next-line node/no-process-env -- a test takes no arguments, and the files must not be in the repository.
const folder = process.env['RATIONALE_DATA'] ?? '';

interface Pin {
	readonly file: string;
	readonly dataset: string;
	readonly split: string;
	readonly labels: Readonly<Record<string, number>>;
	readonly annotations: number;
	/** Marked places of all annotations. */
	readonly marks: number;
	readonly badRows: number;
	readonly notes: readonly string[];
}

const bios = { dentist: 58, nurse: 52, physician: 42, psychologist: 133, surgeon: 54 };
const otherLabel = 'annotations of people who give the text another label than the dataset, left out';

const PINS: readonly Pin[] = [
	{
		file: 'esnli_dev_sample.csv',
		dataset: 'e-snli',
		split: 'dev',
		badRows: 0,
		notes: [],
		labels: { entailment: 3, neutral: 1, contradiction: 3 },
		annotations: 21,
		marks: 101,
	},
	{
		file: 'fever_validation_sample.jsonl',
		dataset: 'fever',
		split: 'val',
		badRows: 0,
		labels: { SUPPORTS: 194, REFUTES: 206 },
		annotations: 0,
		marks: 0,
		notes: ['this form of FEVER holds the marked sentences only: there is no human rationale of words'],
	},
	{
		file: 'biosbias.csv',
		dataset: 'medical-bios',
		split: 'test',
		badRows: 0,
		labels: bios,
		annotations: 0,
		marks: 0,
		notes: ['339 biographies without a human rationale'],
	},
	{
		file: 'dynasent_annot_after_processing.csv',
		dataset: 'dynasent',
		split: 'all',
		badRows: 0,
		labels: { positive: 240, negative: 240 },
		annotations: 2213,
		marks: 8588,
		notes: [`667 ${otherLabel}`],
	},
	{
		file: 'SST_annot_after_processing.csv',
		dataset: 'sst',
		split: 'all',
		badRows: 0,
		labels: { positive: 140, negative: 123 },
		annotations: 1401,
		marks: 6673,
		notes: [`177 ${otherLabel}`],
	},
];

for (const { file, dataset, split, ...pin } of PINS) {
	const path = join(folder, file);
	test.skipIf(folder === '' || !existsSync(path))(`${dataset}: ${file}`, async () => {
		const { examples, badRows, notes } = await publishedNamed(dataset, 'pins').read(path, split);
		const annotations = examples.flatMap((example) => example.annotations);
		expect({
			labels: countsOf(examples),
			annotations: annotations.length,
			marks: annotations.reduce((sum, { spans }) => sum + spans.length, 0),
			badRows: badRows.length,
			notes,
		}).toEqual(pin);
	});
}

function countsOf(examples: readonly Example[]): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const { label } of examples) counts[label ?? ''] = (counts[label ?? ''] ?? 0) + 1;
	return counts;
}
