/** The form of records as they are read back: what the summary and the report rely on. */
import { z } from 'zod';

const numbers = z.array(z.number());
const shares = z.record(z.string(), z.number());
const texts = z.record(z.string(), z.string());

const place = {
	cell: z.string(),
	model: z.string(),
	dataset: z.string(),
	split: z.string(),
	epoch: z.number().nullable(),
	example: z.string(),
};

const segment = z.looseObject({
	name: z.string(),
	text: z.string(),
	words: z.array(z.looseObject({ start: z.number(), end: z.number() })),
	cut: z.literal('segmenter').optional(),
});

const selection = z.looseObject({
	selection: z.string(),
	words: numbers,
	ties: z.number(),
	masked: texts,
	control: z.record(z.string(), z.array(z.string())),
});

const answer = z.looseObject({ raw: z.string(), status: z.string(), unmatched: z.array(z.string()) });

/** Fields that are not named here may be anything. */
export const recordSchema = z.discriminatedUnion('kind', [
	z.looseObject({
		...place,
		kind: z.literal('prediction'),
		segments: z.array(segment),
		gold: z.string().nullable(),
		prediction: z.string(),
		probabilities: shares,
		mass: z.number().nullable(),
		spellings: z.record(z.string(), z.array(z.string())).optional(),
		likeliest: z.array(z.looseObject({ text: z.string(), probability: z.number() })).optional(),
		annotations: z.array(numbers),
		unjudged: numbers.optional(),
		tokens: z.number(),
		thought: z.string().optional(),
		wordsWithoutTokens: z.number(),
	}),
	z.looseObject({ ...place, kind: z.literal('skipped'), gold: z.string().nullable(), reason: z.string() }),
	z.looseObject({
		...place,
		kind: z.literal('variant'),
		variant: z.string(),
		gold: z.string().nullable(),
		prediction: z.string().nullable(),
		probabilities: shares,
		reason: z.string().nullable(),
	}),
	z.looseObject({
		...place,
		kind: z.literal('rationale'),
		method: z.string(),
		scores: z.array(z.number().nullable()).nullable(),
		missing: z.string().nullable(),
		answer: answer.nullable(),
		selections: z.array(selection),
		curve: z.array(z.looseObject({ share: z.number(), label: z.string() })).nullable(),
	}),
]);
