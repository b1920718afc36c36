import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiServer, refusing, type Reply, saying, startApi } from '../../../test/support/apiServer.ts';
import { UserError } from '../../core/errors.ts';
import { defaultRetryPolicy } from '../../network/request.ts';
import { answerCache } from './answerCache.ts';
import { type ApiSettings, apiSchema } from './apiSettings.ts';
import { ApiClient } from './client.ts';

const key = 'sk-test-0123456789abcdef';
let folder: string;
let server: ApiServer | undefined;
let client: ApiClient | undefined;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'answers-'));
});
afterEach(async () => {
	client?.close();
	await server?.close();
	server = undefined;
	rmSync(folder, { recursive: true });
});

async function asking(
	reply: Parameters<typeof startApi>[0],
	settings: Partial<ApiSettings> = {},
	apiKey = key,
): Promise<ApiClient> {
	server ??= await startApi(reply);
	client?.close();
	client = new ApiClient({
		baseUrl: server.baseUrl,
		apiKey,
		settings: { ...apiSchema.parse({}), ...settings },
		retryPolicy: { ...defaultRetryPolicy, retries: 2, firstWait: 1, longestWait: 1 },
		cache: answerCache(folder),
	});
	return client;
}

const body = (text: string) => ({ model: 'm', messages: [{ role: 'user', content: text }], max_tokens: 4 });
/** Replies in order, the last one for ever. */
const inTurn =
	(...replies: readonly Reply[]) =>
	(_: unknown, count: number): Reply =>
		replies[Math.min(count, replies.length - 1)] as Reply;
const filesIn = (path: string): string[] =>
	readdirSync(path, { recursive: true })
		.map((name) => join(path, String(name)))
		.filter((name) => statSync(name).isFile());

describe('ApiClient', () => {
	it('asks once for what it asked before, also in another run', async () => {
		const first = await asking(inTurn(saying('yes')));
		expect(await Promise.all([first.chat(body('a')), first.chat(body('a'))])).toMatchObject([
			{ text: 'yes' },
			{ text: 'yes' },
		]);
		const second = await asking(inTurn(saying('no')));
		expect(await second.chat(body('a'))).toMatchObject({ text: 'yes' });
		expect(await second.chat(body('b'))).toMatchObject({ text: 'yes' });
		expect(server?.asked).toHaveLength(2);
		expect(second.spending).toMatchObject({ requests: 1, cached: 1, inputTokens: 10, outputTokens: 2, dollars: null });
	});

	it.each([
		['a server that is busy', refusing(429, 'slow down', { headers: { 'retry-after': '0' } })],
		['a server that fails', { status: 500, body: 'Internal Server Error' }],
		['half a JSON', { body: '{"choices": [{"mess' }],
		['an empty answer', { body: '' }],
		['a connection that is cut', { ...saying('yes'), cut: true }],
	])('asks again after %s', async (_, reply) => {
		const patient = await asking(inTurn(reply, reply, saying('yes')));
		expect(await patient.chat(body('a'))).toMatchObject({ text: 'yes' });
		expect(server?.asked).toHaveLength(3);
	});

	it('tells failures of one request apart, and keeps none of them', async () => {
		const patient = await asking((asked) => {
			const [{ content } = { content: '' }] = asked.messages;
			if (content === 'long') return refusing(400, "This model's maximum context length is 10 tokens.");
			if (content === 'filtered') return refusing(400, 'Blocked.', { code: 'content_filter' });
			if (content === 'broken') return { status: 500, body: 'oops' };
			if (content === 'strange') return { body: { hello: 1 } };
			return saying('yes');
		});
		const kinds = ['long', 'filtered', 'broken', 'strange', 'fine'].map(async (text) => {
			const answer = await patient.chat(body(text));
			return 'problem' in answer ? answer.problem.kind : answer.text;
		});
		expect(await Promise.all(kinds)).toEqual(['too_long', 'refused', 'server_error', 'server_error', 'yes']);
		expect(filesIn(folder)).toHaveLength(1);
	});

	it('stops where nothing will get better', async () => {
		const refused = async (reply: Reply, apiKey = key): Promise<string> => {
			const impatient = await asking(inTurn(reply), {}, apiKey);
			const error: unknown = await impatient.chat(body('a')).catch((thrown: unknown) => thrown);
			await server?.close();
			server = undefined;
			expect(error).toBeInstanceOf(UserError);
			return String(error);
		};
		expect(await refused(refusing(401, `Incorrect API key provided: ${key}.`))).toMatch(/check OPENAI_API_KEY/u);
		expect(await refused(refusing(429, 'You exceeded your quota.', { code: 'insufficient_quota' }))).toContain(
			'no credit left',
		);
		expect(await refused(refusing(404, 'The model "m" does not exist.'))).toContain('The model "m" does not exist');
		const many = await asking(inTurn({ status: 503, body: 'down' }), { concurrency: 1 });
		const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map((text) => many.chat(body(text))));
		// Which of them is asked last is decided by what reads its cache last.
		const rejected = outcomes.filter((outcome) => outcome.status === 'rejected');
		expect(rejected).toHaveLength(1);
		expect(String(rejected[0]?.reason)).toContain('5 requests in a row failed');
	});

	it('goes on where a server that works fails for some requests, also when all others are in the cache', async () => {
		const reply = (asked: { messages: readonly { content: string }[] }): Reply =>
			asked.messages[0]?.content.startsWith('poison') === true ? { status: 500, body: 'oops' } : saying('yes');
		const poisoned = Array.from({ length: 12 }, (_, i) => `poison ${i}`);
		const asked = async (client_: ApiClient): Promise<string[]> => {
			const kinds: string[] = [];
			for (const text of ['fine', ...poisoned]) {
				const answer = await client_.chat(body(text));
				kinds.push('problem' in answer ? answer.problem.kind : answer.text);
			}
			return kinds;
		};
		const expected = ['yes', ...poisoned.map(() => 'server_error')];
		expect(await asked(await asking(reply))).toEqual(expected);
		expect(await asked(await asking(reply))).toEqual(expected);
	});

	it('never tells the key, whatever the server says', async () => {
		const echo = refusing(401, `Incorrect API key provided: ${key}. Bearer ${key}. sk-proj-anotherkey123`);
		const impatient = await asking(inTurn(echo));
		const error: unknown = await impatient.chat(body('a')).catch((thrown: unknown) => thrown);
		expect(String(error)).not.toMatch(/0123456789abcdef|anotherkey/u);
		expect((error as Error).stack).not.toContain(key);
		const refused = await impatient.try(body('a')).catch((thrown: unknown) => thrown);
		expect(String(refused)).not.toContain(key);
		await server?.close();
		server = undefined;
		const fine = await asking(inTurn(saying('yes')));
		await fine.chat(body('a'));
		expect((server as ApiServer | undefined)?.authorizations).toEqual([`Bearer ${key}`]);
		for (const file of filesIn(folder)) expect(readFileSync(file, 'utf8')).not.toContain(key);
	});

	it('keeps to the number of requests at a time', async () => {
		let waiting: (() => void)[] = [];
		const limited = await asking(
			async () => {
				await new Promise<void>((resolve) => {
					waiting.push(resolve);
					if (waiting.length < 3) return;
					for (const go of waiting) go();
					waiting = [];
				});
				return saying('yes');
			},
			{ concurrency: 3 },
		);
		await Promise.all(Array.from({ length: 9 }, (_, i) => limited.chat(body(String(i)))));
		expect(server?.atOnce()).toBe(3);
	});

	it('never exceeds its budget, and counts what is free', async () => {
		const two = await asking(inTurn(saying('yes')), { budget: { requests: 2 }, concurrency: 1 });
		await two.chat(body('a'));
		await two.chat(body('a'));
		await two.chat(body('b'));
		await expect(two.chat(body('c'))).rejects.toThrow(/budget of 2 requests .* raise budget\.requests/u);
		expect(server?.asked).toHaveLength(2);
		const price = { input: 1_000_000, output: 1_000_000 };
		const dollars = await asking(inTurn(saying('yes')), { budget: { dollars: 100 }, price, concurrency: 1 });
		await dollars.chat(body('d'));
		expect(dollars.spending.dollars).toBe(12);
		await expect(dollars.chat(body('e'.repeat(50)))).rejects.toThrow(/budget of 100 dollars \(12\.0000 spent/u);
		expect(server?.asked).toHaveLength(3);
	});

	it('never exceeds a budget in requests, whatever is tried again and however many are under way', async () => {
		const busy = refusing(429, 'slow down', { headers: { 'retry-after-ms': '0' } });
		const limited = await asking(inTurn(busy, saying('yes'), busy, busy, saying('yes')), { budget: { requests: 4 } });
		const answers = await Promise.allSettled(['a', 'b', 'c', 'd', 'e', 'f'].map((text) => limited.chat(body(text))));
		expect(server?.asked).toHaveLength(4);
		expect(limited.spending.requests).toBe(4);
		const failures = answers.flatMap((answer) => (answer.status === 'rejected' ? [String(answer.reason)] : []));
		expect(failures.length).toBeGreaterThan(0);
		for (const failure of failures) expect(failure).toContain('budget of 4 requests');
	});

	it.each([
		['of requests under way together', saying('yes')],
		[
			'where the server does not say how many tokens it used',
			{ body: { ...(saying('yes').body as object), usage: null } },
		],
		['where answers are lost', { ...saying('yes'), cut: true }],
		['where a server in between does not wait for the answer', { status: 504, body: 'gateway timeout' }],
		['where answers are no JSON', { body: '{"choices": [{"mess' }],
		['where answers are no completions', { body: { hello: 1 } }],
	])('never exceeds a budget in dollars %s', async (_, reply) => {
		const text = 'x'.repeat(40);
		// The dearest that a server can be: a token per byte, and all tokens of the answer.
		const most = Buffer.byteLength(JSON.stringify(body(`${text}0`))) + 4;
		const settings = { price: { input: 1e6, output: 1e6 }, budget: { dollars: 2.5 * most } };
		const limited = await asking(inTurn(reply), settings);
		const answers = await Promise.allSettled(['0', '1', '2', '3', '4'].map((end) => limited.chat(body(text + end))));
		const sent = server?.asked.length ?? 0;
		expect(sent).toBe(2);
		expect(limited.spending.dollars).toBeLessThanOrEqual(2.5 * most);
		const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [String(answer.reason)] : []));
		expect(refused.length).toBeGreaterThan(0);
		for (const reason of refused) expect(reason).toMatch(/raise budget\.dollars/u);
	});

	it('costs nothing where the server refuses, or was never reached', async () => {
		const settings = { price: { input: 1, output: 1 }, budget: { dollars: 5 } };
		const refused = await asking(inTurn({ status: 503, body: 'down' }), settings);
		await refused.chat(body('a'));
		expect(refused.spending).toMatchObject({ requests: 3, dollars: 0 });
		await server?.close();
		await refused.chat(body('b'));
		expect(refused.spending).toMatchObject({ requests: 6, dollars: 0 });
	});

	it('keeps what is under way when the run ends, and sends nothing more', async () => {
		let release = (): void => undefined;
		const released = new Promise<void>((resolve) => (release = resolve));
		const stopped = await asking(
			async ({ messages: [first] }) => {
				if (first?.content !== 'slow') return refusing(401, 'no');
				await released;
				return saying('yes');
			},
			{ concurrency: 2 },
		);
		const slow = stopped.chat(body('slow'));
		const others = ['a', 'b', 'c'].map((text) => stopped.chat(body(text)).catch((error: unknown) => String(error)));
		for (const failure of await Promise.all(others)) expect(failure).toContain('check OPENAI_API_KEY');
		release();
		expect(await slow).toMatchObject({ text: 'yes' });
		expect(server?.asked).toHaveLength(2);
		expect(filesIn(folder)).toHaveLength(1);
	});

	it('keeps the key out of a long error that breaks off within it, and out of answers and their files', async () => {
		const own = 'a-key-of-no-known-form-0123456789';
		for (const length of [290, 1990]) {
			const cut = await asking(inTurn({ status: 403, body: `${'x'.repeat(length)}${own} and so on` }), {}, own);
			const error: unknown = await cut.chat(body('a')).catch((thrown: unknown) => thrown);
			expect(String(error)).not.toContain('a-key-of');
			await server?.close();
			server = undefined;
		}
		const echo = await asking(inTurn(saying(`You sent ${own}.`)), {}, own);
		expect(await echo.chat(body('a'))).toMatchObject({ text: 'You sent [key].' });
		const files = filesIn(folder);
		expect(files).toHaveLength(1);
		for (const file of files) expect(readFileSync(file, 'utf8')).not.toContain('a-key-of');
	});

	it('keeps the key out of answers that spell it with escapes, in pieces or in base64', async () => {
		const own = 'Zq7-plainSecretKey-91x-no-known-prefix';
		const escaped = Array.from(own, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
		const spelled = [escaped, own.slice(5, 20), Buffer.from(own).toString('base64')];
		const reply = ({ messages: [message] }: { messages: readonly { content: string }[] }): Reply => ({
			body: JSON.stringify(saying('surgeon KEY').body).replace('KEY', spelled[Number(message?.content)] ?? ''),
		});
		const echo = await asking(reply, {}, own);
		for (const i of spelled.keys()) {
			const answer = await echo.chat(body(String(i)));
			expect('text' in answer && answer.text.replace(/=*$/u, '')).toMatch(/^surgeon \[key\].?$/u);
		}
		for (const file of filesIn(folder)) expect(readFileSync(file, 'utf8')).not.toMatch(/plainSecret|WnE3LXBs|u005a/iu);
		await server?.close();
		server = undefined;
		const pieces = `${own.slice(0, 20)} ${own.slice(20)} ${own.toUpperCase()} ${Buffer.from(own).toString('base64')}`;
		const failing = await asking(inTurn(refusing(400, pieces)), {}, own);
		expect(String(await failing.chat(body('a')).catch((thrown: unknown) => thrown))).not.toMatch(
			/plainSecret|no-known|WnE3/iu,
		);
	});

	it('sends neither prompts nor key where a server sends requests on to', async () => {
		const other = await startApi(() => saying('yes'));
		try {
			for (const status of [301, 302, 303, 307, 308]) {
				const headers = { location: `${other.baseUrl}/chat/completions` };
				const redirected = await asking(inTurn({ status, headers, body: '' }));
				const error: unknown = await redirected.chat(body('a')).catch((thrown: unknown) => thrown);
				expect(String(error)).toContain(
					`sends requests on to ${other.baseUrl} (status ${status}), which is not followed`,
				);
				await server?.close();
				server = undefined;
			}
			expect(other.asked).toEqual([]);
		} finally {
			await other.close();
		}
	});

	it('waits where an error within a 200 says so, and tells what others say', async () => {
		const busy: Reply = { headers: { 'retry-after-ms': '1' }, body: { error: { message: 'slow down', code: 429 } } };
		const patient = await asking(inTurn(busy, busy, saying('yes')));
		expect(await patient.chat(body('a'))).toMatchObject({ text: 'yes' });
		expect(server?.asked).toHaveLength(3);
		await server?.close();
		server = undefined;
		const failing = await asking(inTurn({ body: { error: { message: 'the upstream model is down', code: 502 } } }));
		const answer = await failing.chat(body('b'));
		expect(answer).toMatchObject({ problem: { detail: expect.stringContaining('the upstream model is down') } });
		expect(server).toMatchObject({ asked: { length: 3 } });
	});

	it('takes answers of a kept file only as it wrote them', async () => {
		const first = await asking(inTurn(saying('yes'), saying('no')));
		await first.chat(body('a'));
		const [file = ''] = filesIn(folder);
		writeFileSync(file, readFileSync(file, 'utf8').replace('"content":"yes"', '"content":"forged"'));
		expect(await (await asking(inTurn(saying('no')))).chat(body('a'))).toMatchObject({ text: 'no' });
	});

	it('ends requests under way when it is closed', async () => {
		let arrived = (): void => undefined;
		const there = new Promise<void>((resolve) => (arrived = resolve));
		const open = await asking(async () => {
			arrived();
			return await new Promise<Reply>(() => undefined);
		});
		const answer = open.chat(body('a')).catch((thrown: unknown) => thrown);
		await there;
		open.close();
		expect(String(await answer)).toContain('Stopped');
	});
});
