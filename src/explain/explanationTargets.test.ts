import { expect, it } from 'vitest';
import { createFakeModel } from '../testing/fakeModel.ts';
import { segmentOf } from '../core/example.ts';
import type { TargetChoice } from '../rationales/targets.ts';
import { explainedTarget } from './explanationTargets.ts';
import { encodeExample, taskFormat } from './encodeExample.ts';
import { defaultPerturbation } from './settings.ts';
import type { ClassifiedExample, ExplainContext } from './context.ts';

const task = {
	id: 't',
	instruction: 'Who?',
	segmentTitles: { text: 'Text' },
	labels: ['nurse', 'dentist', 'surgeon'],
	verbalizers: { nurse: 'nurse', dentist: 'dentist', surgeon: 'surgeon' },
	spellings: 'exact',
} as const;

/** Predicted is `nurse`. */
async function situation(
	target: TargetChoice | null,
	label: string | null,
): Promise<[ExplainContext, ClassifiedExample]> {
	const model = createFakeModel({ weights: {} });
	const format = await taskFormat(model, task);
	const example = { id: 'e', segments: [segmentOf('text', 'a b')], label, annotations: [] };
	const prepared = await encodeExample(model, format, example);
	if ('skipped' in prepared) throw new Error(prepared.skipped);
	const settings = {
		seed: 1,
		methods: [],
		selections: [],
		maskings: [],
		topK: null,
		guidedBy: 'top_var' as const,
		target,
		maxAnswerTokens: 9,
		controlDraws: 0,
		curve: [],
		measures: [],
		perturbation: defaultPerturbation,
	};
	const context: ExplainContext = { model, format, meanShare: null, settings, step: () => undefined };
	return [context, { ...prepared, predicted: 0, logProbabilities: [-0.1, -1, -2], mass: 1 }];
}

async function weightsByLabel(target: TargetChoice | null, label: string | null): Promise<Record<string, number>> {
	const [context, example] = await situation(target, label);
	const found = explainedTarget(context.format.labels, context.settings.target, example);
	if ('missing' in found) throw new Error(found.missing);
	const { tokens, weights } = found;
	const nameOf = (token: number): string =>
		context.format.labels.find((entry) => entry.tokens[0] === token)?.label ?? '';
	return Object.fromEntries(tokens.map((token, i) => [nameOf(token), weights[i] ?? NaN]));
}

it('contrasts with the foil that is asked for, and explains the gold label where asked to', async () => {
	expect(await weightsByLabel({ kind: 'diff', foil: null, of: 'predicted' }, null)).toEqual({ nurse: 1, dentist: -1 });
	expect(await weightsByLabel({ kind: 'diff', foil: 'surgeon', of: 'predicted' }, null)).toEqual({
		nurse: 1,
		surgeon: -1,
	});
	expect(await weightsByLabel({ kind: 'logit', foil: null, of: 'gold' }, 'surgeon')).toEqual({ surgeon: 1 });
	expect(await weightsByLabel({ kind: 'diff', foil: 'dentist', of: 'gold' }, 'surgeon')).toEqual({
		surgeon: 1,
		dentist: -1,
	});
});

it.each<[TargetChoice, string | null, string | null]>([
	[{ kind: 'diff', foil: 'surgeon', of: 'predicted' }, null, null],
	[{ kind: 'diff', foil: 'nurse', of: 'predicted' }, null, 'the foil "nurse" is the label that is explained'],
	[{ kind: 'diff', foil: 'pilot', of: 'predicted' }, null, 'the foil "pilot" is no label of the task'],
	[{ kind: null, foil: null, of: 'gold' }, null, 'the example has no gold label'],
	[{ kind: null, foil: null, of: 'gold' }, 'pilot', 'the gold label "pilot" is no label of the task'],
])('says what is missing: %j, gold %s', async (target, label, problem) => {
	const [context, example] = await situation(target, label);
	const found = explainedTarget(context.format.labels, context.settings.target, example);
	expect('missing' in found ? found.missing : null).toBe(problem);
});

it('contrasts with the label that the annotators of the example were asked about', async () => {
	const [context, asked] = await situation({ kind: 'diff', foil: 'annotated', of: 'gold' }, 'surgeon');
	const found = explainedTarget(context.format.labels, context.settings.target, {
		...asked,
		example: { ...asked.example, foil: 'dentist' },
	});
	const tokens = ['surgeon', 'dentist'].map(
		(label) => context.format.labels.find((own) => own.label === label)?.tokens[0],
	);
	expect('missing' in found ? found : { tokens: new Set(found.tokens) }).toEqual({ tokens: new Set(tokens) });
	expect(explainedTarget(context.format.labels, context.settings.target, asked)).toEqual({
		missing: 'nobody was asked to tell the label of this example from another one',
	});
});
