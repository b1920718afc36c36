/** What a `tokenizer.json` says about how its tokens relate to the text. */
import { z } from 'zod';
import { UserError } from '../../core/errors.ts';
import { metaspace, type TokenSpelling } from './tokenBytes.ts';
import type { SpanRules } from './tokenSpans.ts';

/** One normaliser, pre-tokenizer or decoder; sequences nest. */
interface Step {
	readonly type: string;
	readonly [setting: string]: unknown;
}

const stepSchema = z.looseObject({ type: z.string() }).nullish();

export const tokenizerFileSchema = z.looseObject({
	added_tokens: z.array(z.looseObject({ id: z.int(), content: z.string(), special: z.boolean() })).default([]),
	normalizer: stepSchema,
	pre_tokenizer: stepSchema,
	model: z.looseObject({
		unk_token: z.string().nullish(),
		unk_id: z.int().nullish(),
		dropout: z.number().nullish(),
		continuing_subword_prefix: z.string().nullish(),
		end_of_word_suffix: z.string().nullish(),
	}),
});

export type TokenizerFile = z.infer<typeof tokenizerFileSchema>;

/** Returns the span rules of a tokenizer. Throws `UserError` for one whose tokens do not spell bytes or change by chance. */
export function spanRules(
	file: string,
	value: TokenizerFile,
	idOf: (token: string) => number | undefined,
	normalize: (text: string) => string,
): SpanRules {
	const normalizers = steps(value.normalizer, 'normalizers');
	const preTokenizers = steps(value.pre_tokenizer, 'pretokenizers');
	const { model } = value;
	refuseUnknown(file, value, normalizers);
	return {
		file,
		spelling: spellingOf(file, normalizers, preTokenizers),
		addedIds: new Set(value.added_tokens.map(({ id }) => id)),
		unknownId: model.unk_id ?? (typeof model.unk_token === 'string' ? idOf(model.unk_token) : undefined),
		prefixesSpace: [...normalizers, ...preTokenizers].some(prefixesSpace),
		normalize,
	};
}

function steps(step: Step | null | undefined, members: string): Step[] {
	if (step === null || step === undefined) return [];
	if (step.type !== 'Sequence') return [step];
	return z
		.array(stepSchema)
		.parse(step[members])
		.flatMap((inner) => steps(inner, members));
}

function spellingOf(file: string, normalizers: readonly Step[], preTokenizers: readonly Step[]): TokenSpelling {
	if (preTokenizers.some(({ type }) => type === 'ByteLevel')) return 'byteLevel';
	const replacesSpace = ({ type, pattern, content }: Step): boolean =>
		type === 'Replace' && content === metaspace && JSON.stringify(pattern) === '{"String":" "}';
	if (preTokenizers.some(({ type }) => type === 'Metaspace') || normalizers.some(replacesSpace)) return 'metaspace';
	const used = [...normalizers, ...preTokenizers].map(({ type }) => type).join(', ');
	throw new UserError(
		`${file}: tokens cannot be traced back to the text with these steps: ${used || 'none'}. ` +
			'Known are byte-level tokenizers (GPT-2, Llama 3, Qwen) and those that write spaces as "▁" (Llama 2, Mistral, Gemma).',
	);
}

/** Longest text that a step may hold; published ones hold patterns of up to 2,000 characters. */
const longestText = 10_000;
/** The map of a normaliser that was compiled; that of published models has 300,000 characters. */
const longestMap = 2_000_000;

/**
 * Throws `UserError` where a step that every text goes through holds a text of any length: putting it before, or in place of, a
 * letter takes without end.
 */
export function refuseLongSteps(file: string, value: TokenizerFile): void {
	for (const part of ['normalizer', 'pre_tokenizer', 'post_processor', 'decoder'] as const)
		refuseLongTexts(file, value[part], part);
}

function refuseLongTexts(file: string, value: unknown, path: string, depth = 0): void {
	const limit = path.endsWith('.precompiled_charsmap') ? longestMap : longestText;
	if (typeof value === 'string' && value.length > limit)
		throw new UserError(`${file}: ${path} has ${value.length} characters; at most ${limit} are read.`);
	if (depth > deepest) throw new UserError(`${file}: ${path} is nested more than ${deepest} deep.`);
	if (typeof value !== 'object' || value === null) return;
	for (const [key, part] of Object.entries(value)) refuseLongTexts(file, part, `${path}.${key}`, depth + 1);
}

/** Steps nest a few deep. */
const deepest = 50;

function refuseUnknown(file: string, { model }: TokenizerFile, normalizers: readonly Step[]): void {
	const refuse = (setting: string): UserError => new UserError(`${file}: ${setting} is not supported.`);
	if ((model.dropout ?? 0) > 0) throw refuse(`model.dropout = ${model.dropout} (tokens that change by chance)`);
	if (model.continuing_subword_prefix)
		throw refuse(`model.continuing_subword_prefix = "${model.continuing_subword_prefix}"`);
	if (model.end_of_word_suffix) throw refuse(`model.end_of_word_suffix = "${model.end_of_word_suffix}"`);
	if (normalizers.some(({ type }) => type === 'ByteLevel')) throw refuse('the normalizer "ByteLevel"');
}

function prefixesSpace(step: Step): boolean {
	if (step.type === 'Prepend') return step['prepend'] === metaspace;
	if (step.type === 'Metaspace') return step['prepend_scheme'] !== 'never' && step['add_prefix_space'] !== false;
	return step.type === 'ByteLevel' && step['add_prefix_space'] === true;
}
