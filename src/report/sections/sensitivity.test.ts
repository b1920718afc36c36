import { expect, it } from 'vitest';
import { testInput } from '../testInput.ts';
import { createView } from '../view.ts';
import { renderSensitivity } from './sensitivity.ts';
import type { SensitivityRow } from '../../records/summaryRows.ts';

const share = { value: 0.5, ci95: null };
const row = (epoch: number | null, variant: string): SensitivityRow => ({
	...{ model: 'tiny', dataset: 'bios', split: 'test', epoch, variant, instruction: 'i', userTurn: null },
	...{ accuracy: share, usualAccuracy: share, same: share, n: 4, missing: 0 },
});

function rendered(sensitivity: readonly SensitivityRow[]): string {
	const input = testInput();
	return renderSensitivity(createView({ ...input, summary: { ...input.summary, sensitivity } }))?.markup ?? '';
}

it('a fine-tuned model is shown before and after training, other epochs stand in the summary', () => {
	const page = rendered([0, 1, 2, 10].flatMap((epoch) => [row(epoch, 'wording a'), row(epoch, 'wording b')]));
	expect(page.match(/tiny, epoch \d+/gu)).toEqual([
		...['tiny, epoch 0', 'tiny, epoch 0', 'tiny, epoch 0'],
		...['tiny, epoch 10', 'tiny, epoch 10', 'tiny, epoch 10'],
	]);
});

it('a model as it is has a row for the task as it is and one for each other prompt', () => {
	expect(rendered([row(null, 'wording a'), row(null, 'wording b')]).match(/<th scope="row">tiny</gu)).toHaveLength(3);
});
