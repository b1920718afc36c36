import { appendFile, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSmallStudy, fakeSource, goodAndBad, type SmallStudy } from '../test/support/smallStudy.ts';
import { finishedStudy } from './finishedStudy.ts';
import { noColours } from './terminal/colours.ts';
import { renderSummary } from './terminal/summaryTable.ts';

let study: SmallStudy;
let model = goodAndBad;

beforeEach(async () => {
	model = goodAndBad;
	study = await createSmallStudy();
});

afterEach(() => study.remove());

const asked = (versions = { test: '1' }) =>
	finishedStudy({ path: join(study.folder, 'small.yaml'), out: study.out, source: fakeSource(model, []), versions });

it('is shown as the run that finished it was', async () => {
	expect(await asked()).toBeNull();
	const { input } = await study.run();
	const finished = await asked();
	const terminal = { columns: 100, colours: noColours };
	expect(renderSummary(finished?.input ?? input, terminal)).toBe(renderSummary(input, terminal));
	expect(finished?.input.summary).toEqual(input.summary);
	expect(finished?.notes.at(-1)).toMatch(/^All \d+ records were there already: nothing was computed/u);
});

describe('after a run', () => {
	const records = () => join(study.out, 'records.jsonl');
	const changes: Readonly<Record<string, () => Promise<unknown>>> = {
		'a record changed by hand': async () => {
			const text = await readFile(records(), 'utf8');
			await writeFile(records(), text.replace('"positive"', '"negative"'));
		},
		'records cut': async () => truncate(records(), 100),
		'records that were added to': async () => appendFile(records(), '{'),
		'a report that was removed': async () => rm(join(study.out, 'report.html')),
		'data that changed': async () => appendFile(join(study.folder, 'sentences.csv'), '\n'),
		'a method more': async () => study.write({ methods: ['attention', 'random', 'human'] }),
		'a stamp that is none': async () => writeFile(join(study.out, 'finished.json'), '{"study":'),
		'another model': async () => {
			model = { weights: { good: { positive: 3 } } };
		},
	};

	it.each(Object.keys(changes))('%s is opened', async (name) => {
		await study.run();
		expect(await asked()).not.toBeNull();
		await changes[name]?.();
		expect(await asked()).toBeNull();
	});

	it('so is what another program made', async () => {
		await study.run();
		expect(await asked({ test: '2' })).toBeNull();
	});

	it('files that were written anew with the same content change nothing', async () => {
		await study.run();
		const text = await readFile(records());
		await rm(records());
		await writeFile(records(), text);
		await utimes(join(study.folder, 'sentences.csv'), 1, 1);
		expect(await asked()).not.toBeNull();
	});
});
