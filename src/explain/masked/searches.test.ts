import { afterEach, expect, it } from 'vitest';
import { createSmallStudy, rowOf, type SmallStudy } from '../../../test/support/smallStudy.ts';

let study: SmallStudy | null = null;
afterEach(async () => {
	await study?.remove();
	study = null;
});

it('the limits are those of the best and the worst order, as worked out by hand', async () => {
	study = await createSmallStudy();
	await study.write({ faithfulness: ['naopc'], methods: ['input_x_gradient.dot', 'random', 'human'] });
	const result = await study.run();
	const record = result.input.records.find(
		(found) => found.kind === 'rationale' && found.example === 'one' && found.method === 'random',
	);
	if (record?.kind !== 'rationale') throw new Error('no record');
	// "a good film": four bins of one word, one of two. Without "good" m is 1/2, else as it was.
	const drop = 1 / (1 + Math.exp(-2)) - 0.5;
	const found = record.searches?.['space'];
	expect(found?.['limits masked']?.['highest']).toBeCloseTo(drop, 12);
	expect(found?.['limits masked']?.['lowest']).toBeCloseTo(0, 12);
	expect(found?.['limits kept']?.['highest']).toBeCloseTo(drop, 12);
	expect(found?.['limits kept']?.['lowest']).toBeCloseTo(0, 12);
	const at = { subset: 'all', masking: 'space', method: 'input_x_gradient.dot' };
	// Linear: the scores' own order is the best one; in text three "bad" and "good" pull in both directions.
	expect(rowOf(result, { ...at, metric: 'comprehensiveness.naopc' })).toMatchObject({ value: 1, n: 4, missing: 0 });
	expect(rowOf(result, { ...at, metric: 'sufficiency.naopc' }).value).toBeCloseTo(0, 12);
});
