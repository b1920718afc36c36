/** Answers in a given form: one of several labels, or a list of some of them, as a JSON object with one property. */
import { z } from 'zod';
import { type ListTexts, spelledList } from '../../llm/generation/spelledList.ts';
import type { LanguageModel, ListConstraint } from '../../llm/languageModel.ts';
import { ApiError } from './errors.ts';
import type { ResponseFormat } from './requests.ts';

const choices = z.object({ type: z.literal('string').optional(), enum: z.array(z.string().min(1)).min(1) });
const list = z.object({
	type: z.literal('array'),
	items: choices,
	minItems: z.literal(1).optional(),
	maxItems: z.int().min(1).optional(),
});
const objectSchema = z.object({
	type: z.literal('object'),
	properties: z.record(z.string(), z.union([choices, list])).refine((entries) => Object.keys(entries).length === 1),
});

/** Returns what restricts the answer to the format; undefined where any text will do. Throws `ApiError` for other forms. */
export async function constraintOf(
	model: LanguageModel,
	header: string,
	format: ResponseFormat | null | undefined,
	client: AbortSignal,
): Promise<ListConstraint | undefined> {
	if (format == null || format.type === 'text') return undefined;
	const parsed = objectSchema.safeParse(format.json_schema.schema);
	const [property] = parsed.success ? Object.entries(parsed.data.properties) : [];
	if (property === undefined) throw unsupported();
	const found = await spelledList(textsOf(...property), answerEncoder(model, header, client));
	if (found === null || found.unspellable.length > 0) {
		const names = found?.unspellable.join(', ') ?? 'all of them';
		throw new ApiError(400, `This model's tokenizer cannot spell these values in JSON: ${names}.`, 'response_format');
	}
	return found.constraint;
}

function textsOf(name: string, schema: z.output<typeof choices> | z.output<typeof list>): ListTexts {
	const key = `{${JSON.stringify(name)}: `;
	const spelled = (value: string): string => JSON.stringify(value).slice(1, -1);
	if (!('items' in schema)) {
		const items = distinct(schema.enum).map((value) => ({ text: spelled(value), times: 1 }));
		return { open: `${key}"`, items, between: '', close: '"}', most: 1 };
	}
	const most = schema.maxItems ?? schema.items.enum.length;
	const items = distinct(schema.items.enum).map((value) => ({ text: spelled(value), times: most }));
	return { open: `${key}["`, items, between: '", "', close: '"]}', most };
}

/** Returns a function from the text of an answer to its tokens as they follow the prompt, while the client is there. */
function answerEncoder(model: LanguageModel, header: string, client: AbortSignal): LanguageModel['encode'] {
	return async (text) => {
		client.throwIfAborted();
		const { ids, spans } = await model.encode(header + text);
		const first = spans.findIndex(({ end }) => end > header.length);
		const shifted = spans
			.slice(first)
			.map(({ start, end }) => ({ start: start - header.length, end: end - header.length }));
		return { ids: ids.slice(first), spans: shifted };
	};
}

function unsupported(): ApiError {
	return new ApiError(
		400,
		'Only these schemas are supported: an object with one property that is a string from an enum, or an array of such strings.',
		'response_format',
		'unsupported_schema',
	);
}

function distinct(values: readonly string[]): string[] {
	return [...new Set(values)];
}
