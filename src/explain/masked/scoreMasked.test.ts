import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeModel, createVocabulary } from '../../testing/fakeModel.ts';
import { createSmallStudy, goodAndBad, type SmallStudy } from '../../../test/support/smallStudy.ts';
import type { RationaleRecord } from '../../records/records.ts';
import { scoreMasked } from './scoreMasked.ts';

let study: SmallStudy;
beforeEach(async () => {
	study = await createSmallStudy();
});
afterEach(() => study.remove());

describe('masking block_attention', () => {
	// The fake model looks at no positions: for it a token that nobody sees is one that is not there.
	it('flips the predictions that leaving the words out flips, and asks about each text once', async () => {
		await study.write({ maskings: ['delete', 'block_attention'], perturbation: { masking: 'block_attention' } });
		const { input } = await study.run();
		const rationales = input.records.filter((record): record is RationaleRecord => record.kind === 'rationale');
		const masked = rationales.flatMap(({ selections }) => selections.map((selection) => selection.masked));
		expect(masked.length).toBeGreaterThan(20);
		for (const labels of masked) expect(labels['block_attention']).toBe(labels['delete']);
		expect(masked.some((labels) => labels['block_attention'] === 'negative')).toBe(true);
		await study.run();
		expect(study.opened).toHaveLength(1);
	});

	it('is refused where the attention of a model cannot be reached', async () => {
		const model = createFakeModel({ ...goodAndBad, vocabulary: createVocabulary(), capabilities: ['labelScores'] });
		const { ids } = await model.encode('good');
		const format = {
			...{ task: { id: 't', instruction: '', segmentTitles: {}, labels: ['positive'], verbalizers: {} } },
			...{ labels: [{ label: 'positive', tokens: (await model.encode('positive')).ids }], neutralToken: null },
		};
		const context = { model, format, step: () => undefined };
		await expect(scoreMasked(context, 'mask', [{ ids, blocked: [0] }])).rejects.toThrow(/"fake" cannot be reached/u);
		expect(await scoreMasked(context, 'mask', [{ ids, blocked: [] }])).toHaveLength(1);
	});
});
