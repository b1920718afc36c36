import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../core/errors.ts';
import { readRecordLines } from './recordLines.ts';

const folder = mkdtempSync(join(tmpdir(), 'lines-'));
afterAll(() => rmSync(folder, { recursive: true }));

const place = { cell: 'c', model: 'm', dataset: 'd', split: 'test', epoch: null, example: 'e' };
const records = {
	prediction: {
		...{ ...place, kind: 'prediction', gold: 'a', prediction: 'a', probabilities: { a: 1 }, mass: 0.5 },
		...{ segments: [{ name: 'text', text: 'b c', words: [{ start: 0, end: 1 }] }], annotations: [[0]] },
		...{ tokens: 4, wordsWithoutTokens: 0 },
	},
	skipped: { ...place, kind: 'skipped', gold: null, reason: 'too long' },
	variant: {
		...place,
		...{ kind: 'variant', variant: 'v', gold: 'a', prediction: null, probabilities: {}, reason: 'none' },
	},
	rationale: {
		...{ ...place, kind: 'rationale', method: 'random', scores: [1, null], missing: null, answer: null, curve: null },
		selections: [{ selection: 'top_var', words: [0], ties: 0, masked: { space: 'a' }, control: { space: ['a'] } }],
	},
};

function read(record: object): ReturnType<typeof readRecordLines> {
	const path = join(folder, 'records.jsonl');
	writeFileSync(path, `${JSON.stringify(record)}\n`);
	return readRecordLines(path);
}

describe.each(Object.entries(records))('a %s', (_, record) => {
	it('is read as it was written, fields of later versions included', async () => {
		const more = { ...record, later: { any: [1] } };
		expect((await read(more)).records.get('c')).toEqual(more);
	});

	it('without a field, or with one of another kind, is refused with file, line and field', async () => {
		const fields = Object.keys(record);
		const other = fc.oneof(fc.constant(undefined), fc.constant(true), fc.constant({ deep: [[]] }));
		await fc.assert(
			fc.asyncProperty(fc.constantFrom(...fields), other, async (field, value) => {
				const error = await read({ ...record, [field]: value }).catch((caught: unknown) => caught);
				expect(error).toBeInstanceOf(UserError);
				expect(String(error)).toMatch(new RegExp(`records\\.jsonl:1: not a record of this program \\(${field}`, 'u'));
			}),
			{ numRuns: 60 },
		);
	});
});
