import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Completion, errorWithin, readCompletion, readError } from './protocol.ts';

const completion = (message: object, choice: object = {}): object => ({
	choices: [{ message: { role: 'assistant', ...message }, finish_reason: 'stop', ...choice }],
});
const scored = (...content: readonly object[]): object => completion({ content: 'yes' }, { logprobs: { content } });

function read(answer: object): Completion {
	const found = readCompletion(answer);
	if ('wrong' in found) throw new Error(found.wrong);
	return found;
}

describe('the text of an answer', () => {
	const thinking = { type: 'thinking', thinking: [{ type: 'text', text: 'Weigh it.' }] };
	it.each<[string, object, string]>([
		['a text', { content: 'positive' }, 'positive'],
		['parts', { content: [thinking, { type: 'text', text: 'posi' }, { type: 'text', text: 'tive' }] }, 'positive'],
		['parts of kinds nobody asked for', { content: [{ type: 'image_url', image_url: 'x' }, 'positive'] }, 'positive'],
		['a thought and a text', { content: '<think>\ndull\n</think>\n\nnegative' }, 'negative'],
		['a thought apart', { content: 'negative', reasoning_content: 'It says dull.' }, 'negative'],
		['nothing', { content: null }, ''],
		['no content', {}, ''],
	])('%s', (_, message, text) => {
		expect(read(completion(message))).toMatchObject({ text, refusal: null, isThoughtUnfinished: false });
	});

	it.each<[string, object]>([
		['within the text', completion({ content: '<think>\nOkay, the text names "plot"' }, { finish_reason: 'length' })],
		['apart', completion({ content: '', reasoning_content: 'Okay, the' }, { finish_reason: 'length' })],
		['under another name', completion({ content: null, reasoning: 'Okay, the' }, { finish_reason: 'length' })],
	])('is missing where the thought did not end: %s', (_, answer) => {
		expect(read(answer)).toMatchObject({ text: '', isThoughtUnfinished: true });
	});

	it('is no refusal where the server writes an empty one', () => {
		expect(read(completion({ content: 'x', refusal: '' })).refusal).toBeNull();
		expect(read(completion({ content: null, refusal: 'No.' })).refusal).toBe('No.');
	});
});

describe('log-probabilities', () => {
	it('that are null are minus infinity', () => {
		const top = [
			{ token: 'yes', logprob: -0.1 },
			{ token: 'no', logprob: null },
		];
		expect(read(scored({ token: 'yes', logprob: -0.1, top_logprobs: top })).tokens).toEqual([
			{ token: 'yes', logprob: -0.1, top_logprobs: [top[0], { token: 'no', logprob: Number.NEGATIVE_INFINITY }] },
		]);
	});

	it('that are missing are taken from the list, or are not known', () => {
		const top = [{ token: 'yes', logprob: -0.5 }, { token: 'no' }];
		const { tokens } = read(
			scored({ token: 'yes', top_logprobs: top }, { token: '!', top_logprobs: null }, { token: '?', logprob: -1 }),
		);
		expect(tokens).toEqual([{ token: 'yes', logprob: -0.5, top_logprobs: [{ token: 'yes', logprob: -0.5 }] }]);
	});

	it.each([null, undefined, { content: null }, { content: [] }])('%j are none', (logprobs) => {
		expect(read(completion({ content: 'yes' }, { logprobs })).tokens).toEqual([]);
		expect(read(scored({ token: 'yes', logprob: -1, top_logprobs: null })).tokens[0]?.top_logprobs).toEqual([]);
	});

	it('above 0 are no answer; what was rounded is', () => {
		const certain = { token: 'yes', logprob: 1e-6, top_logprobs: [] };
		expect(read(scored(certain)).tokens[0]?.logprob).toBe(0);
		for (const top of [
			{ token: 'no', logprob: 7 },
			{ token: 'no', logprob: 'x' },
		]) {
			expect(readCompletion(scored({ ...certain, top_logprobs: [top] }))).toHaveProperty('wrong');
		}
		expect(readCompletion(scored({ token: 'yes', logprob: 3 }))).toEqual({
			wrong: 'an answer with log-probabilities above 0',
		});
	});

	it('are of tokens as text, where a server gives them as its vocabulary writes them', () => {
		const tokens = ['\u0120yes', '\u2581yes', '\u010a'].map((token) => ({ token, logprob: -1 }));
		expect(read(scored(...tokens)).tokens.map(({ token }) => token)).toEqual([' yes', ' yes', '\n']);
		const exact = { token: '\u0120', logprob: -1, bytes: [196, 160] };
		expect(read(scored(exact)).tokens[0]?.token).toBe('\u0120');
	});

	it('begin after the thought', () => {
		const content = ['<think>', 'x', '</think>', '\n\n', 'ne', 'g'].map((token) => ({ token, logprob: -1 }));
		const answer = completion({ content: '<think>x</think>\n\nneg' }, { logprobs: { content } });
		expect(read(answer).tokens.map(({ token }) => token)).toEqual(['ne', 'g']);
	});
});

describe('a thought', () => {
	it.each([
		['within the text', { content: '<think>\nIt is dull.\n</think>\n\nnegative' }],
		['beside it', { content: 'negative', reasoning_content: '\nIt is dull.\n' }],
		['beside it, by its newer name', { content: 'negative', reasoning: 'It is dull.' }],
	])('is handed out where it stands %s', (_, message) => {
		expect(read(completion(message))).toMatchObject({ text: 'negative', thought: 'It is dull.' });
	});

	it('beside the text may have its tokens listed before those of the text', () => {
		const content = ['<think>', 'x', '</think>', '\n\n', 'neg'].map((token) => ({ token, logprob: -1 }));
		const answer = completion({ content: 'neg', reasoning_content: 'x' }, { logprobs: { content } });
		expect(read(answer).tokens.map(({ token }) => token)).toEqual(['neg']);
	});
});

describe('an error within an answer', () => {
	it.each<[unknown, number, string]>([
		[{ error: { message: 'slow down', code: 429 } }, 429, 'slow down'],
		[{ error: { message: 'slow down', code: 'rate_limit_exceeded' } }, 429, 'slow down'],
		[{ error: { message: 'Rate limit reached for m' } }, 429, 'Rate limit reached for m'],
		[{ error: { message: 'no credit', type: 'insufficient_quota' } }, 429, 'no credit'],
		[{ error: 'upstream is down' }, 500, 'upstream is down'],
		[{ choices: [], error: { message: 'upstream is down', code: 502 } }, 502, 'upstream is down'],
		[{ choices: [{ error: { message: 'upstream', code: 503 }, finish_reason: 'error' }] }, 503, 'upstream'],
		[{ object: 'error', message: 'too long', type: 'BadRequestError', code: 400 }, 400, 'too long'],
		[
			{ error: { message: "This model's maximum context length is 10." } },
			400,
			"This model's maximum context length is 10.",
		],
	])('%j', (answer, status, message) => {
		expect(errorWithin(answer)).toMatchObject({ status, message });
	});

	it.each([completion({ content: 'x' }), { ...completion({ content: 'x' }), error: null }, {}, [], 5, null])(
		'none: %j',
		(answer) => {
			expect(errorWithin(answer)).toBeNull();
		},
	);

	it('is read where its body breaks off, escapes too', () => {
		expect(readError(String.raw`{"error": {"message": "bad \u005a\u0071`).message).toBe(
			'{"error": {"message": "bad Zq',
		);
	});
});

describe('any answer', () => {
	/** Completions of which any part may be anything. */
	const part = (usual: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
		fc.oneof(
			{ weight: 6, arbitrary: usual },
			{ weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
			{ weight: 1, arbitrary: fc.constant(undefined) },
		);
	const token = fc.record({
		token: part(fc.string()),
		logprob: part(fc.double({ max: 0.1, noNaN: true })),
		bytes: part(fc.constant(null)),
	});
	const place = fc.record({
		token: part(fc.string()),
		logprob: part(fc.double({ max: 0, noNaN: true })),
		top_logprobs: part(fc.array(part(token), { maxLength: 3 })),
	});
	const content = fc.oneof(
		fc.string(),
		fc.array(fc.record({ type: part(fc.constant('text')), text: part(fc.string()) })),
	);
	const choice = fc.record({
		message: part(
			fc.record({ content: part(content), refusal: part(fc.constant('')), reasoning_content: part(fc.string()) }),
		),
		finish_reason: part(fc.constantFrom('stop', 'length')),
		logprobs: part(fc.record({ content: part(fc.array(part(place), { maxLength: 3 })) })),
		error: fc.option(fc.jsonValue({ maxDepth: 1 }), { nil: undefined }),
	});
	const answers = part(
		fc.record({
			choices: part(fc.array(part(choice), { maxLength: 2 })),
			usage: fc.jsonValue(),
			error: part(fc.constant(null)),
		}),
	);

	it('is read or said to be none, and what is read is sound', () => {
		const holds = (value: unknown): void => {
			const answer: unknown = JSON.parse(JSON.stringify(value ?? null));
			errorWithin(answer);
			const found = readCompletion(answer);
			if ('wrong' in found) return;
			expect(typeof found.text).toBe('string');
			for (const { logprob, top_logprobs: top } of found.tokens) {
				for (const one of [logprob, ...top.map((listed) => listed.logprob)]) expect(one).toBeLessThanOrEqual(0);
			}
		};
		fc.assert(fc.property(answers, holds), { numRuns: 1000 });
	});
});
