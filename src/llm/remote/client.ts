/** Asks one server: from the cache where it was asked before, else within limits, budget and retry policy. */
import { setMaxListeners } from 'node:events';
import PQueue from 'p-queue';
import { InterruptedError, UserError } from '../../core/errors.ts';
import { HttpError } from '../../network/httpError.ts';
import { readText } from '../../network/readBody.ts';
import { request, type RetryPolicy } from '../../network/request.ts';
import type { AnswerCache } from './answerCache.ts';
import type { ApiSettings } from './apiSettings.ts';
import { Budget, type Charge, type Spending } from './budget.ts';
import { type Completion, errorWithin, readCompletion, readError, type ServerError } from './protocol.ts';
import { redactor, valueWithoutKey, withoutKey } from './secrets.ts';
import type { AnswerProblem } from '../../core/answerProblem.ts';

export interface ClientOptions {
	/** Up to and with `/v1`. */
	readonly baseUrl: string;
	/** Never leaves this client but in the header of a request. */
	readonly apiKey: string | null;
	readonly settings: Pick<ApiSettings, 'concurrency' | 'requestsPerMinute' | 'budget' | 'price'>;
	readonly retryPolicy: RetryPolicy;
	readonly cache: AnswerCache;
}

/** A completion, or why there is none; what ends a run is thrown. */
export type Answered = Completion | { readonly problem: AnswerProblem };

/** After so many requests that fail one after the other, one that was answered before is sent again: if it fails, too, the run ends. */
const failuresInARow = 5;
/** Bytes of an answer, unpacked; the longest ones, with 20 log-probabilities for each of 4,000 tokens, have 8 million. */
const longestAnswer = 16e6;
/** A server that was never reached may have another address: no long wait for it. */
const firstContactRetries = 2;

export class ApiClient {
	readonly #options: ClientOptions;
	readonly #queue: PQueue;
	readonly #budget: Budget;
	readonly #closing = new AbortController();
	readonly #underWay = new Map<string, Promise<Answered>>();
	readonly #redact: (text: string) => string;
	readonly #withoutKey: (value: unknown) => unknown;
	#failures = 0;
	/** A request that the server once answered. */
	#answered: object | null = null;
	/** What ended the run: nothing more is sent. */
	#end: UserError | null = null;

	constructor(options: ClientOptions) {
		const { concurrency, requestsPerMinute } = options.settings;
		const rate =
			requestsPerMinute === undefined ? {} : { interval: 60_000, intervalCap: requestsPerMinute, strict: true };
		this.#options = options;
		// Every request under way listens to it.
		setMaxListeners(0, this.#closing.signal);
		this.#queue = new PQueue({ concurrency, ...rate });
		this.#budget = new Budget(options.settings);
		this.#redact = redactor(options.apiKey);
		this.#withoutKey = valueWithoutKey(withoutKey(options.apiKey));
	}

	get spending(): Readonly<Spending> {
		return this.#budget.spending;
	}

	/** The server as messages name it. */
	get server(): string {
		const { origin, pathname } = new URL(this.#options.baseUrl);
		return origin + pathname.replace(/\/$/u, '');
	}

	/**
	 * Returns the answer to the body of a chat request; equal bodies are asked once.
	 * Throws `UserError` for what will not get better: a wrong key or model, a spent budget, a server that keeps failing;
	 * then requests under way go on, and no other is sent.
	 */
	async chat(body: object): Promise<Answered> {
		return await this.#once(body, () => this.#queued(() => this.#answerOrProblem(body)));
	}

	async #answerOrProblem(body: object): Promise<Answered> {
		try {
			return await this.#send(body, this.#options.retryPolicy.retries).catch(async (error: unknown) => {
				if (error instanceof HttpError) return { problem: await this.#problemOf(error) };
				throw error;
			});
		} catch (error) {
			if (error instanceof UserError) this.#end ??= error;
			throw error;
		}
	}

	/** Returns the answer, or the server's refusal of a request (status 400, 404, 422, 501): for finding out what it can do. */
	async try(body: object): Promise<Completion | { readonly refused: ServerError }> {
		try {
			const answer = await this.#cachedOr(body, () => this.#queued(() => this.#send(body, firstContactRetries)));
			if ('problem' in answer) throw new UserError(`${this.server}: ${answer.problem.detail}.`);
			return answer;
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			if (error.status === null || ![400, 404, 422, 501].includes(error.status)) {
				throw (
					this.#refusal(error) ??
					new UserError(`${this.server}: ${this.#told(error)}. Is it running? OPENAI_BASE_URL says where it is.`)
				);
			}
			return { refused: this.#saidBy(error) };
		}
	}

	/** Ends requests under way. */
	close(): void {
		this.#closing.abort(new InterruptedError('Stopped.'));
	}

	/** Two equal requests at a time are one. */
	async #once(body: object, ask: () => Promise<Answered>): Promise<Answered> {
		const key = JSON.stringify(body);
		const underWay = this.#underWay.get(key) ?? this.#cachedOr(body, ask).finally(() => this.#underWay.delete(key));
		this.#underWay.set(key, underWay);
		return await underWay;
	}

	async #cachedOr(body: object, ask: () => Promise<Answered>): Promise<Answered> {
		const kept = await this.#options.cache.get(this.#keyOf(body));
		const known = kept === undefined ? null : readCompletion(kept);
		if (known === null || 'wrong' in known) return await ask();
		this.#budget.spending.cached += 1;
		this.#answered ??= body;
		return known;
	}

	#keyOf(body: object): object {
		return { url: `${this.server}/chat/completions`, body };
	}

	async #queued(send: () => Promise<Answered>): Promise<Answered> {
		return await this.#queue.add(send, { signal: this.#closing.signal });
	}

	async #send(body: object, retries: number): Promise<Answered> {
		const text = JSON.stringify(body);
		let charge: Charge | null = null;
		const answer = await request(
			`${this.#options.baseUrl.replace(/\/+$/u, '')}/chat/completions`,
			() => {
				if (this.#end !== null) throw this.#end;
				charge = this.#budget.begin(Buffer.byteLength(text), maxTokensOf(body));
				// Neither the prompts nor the key go where another server says.
				return { method: 'POST', headers: this.#headers(), body: text, redirect: 'manual' };
			},
			async (response) => ({ ...(await this.#read(response)), charge }),
			{
				retryPolicy: { ...this.#options.retryPolicy, retries },
				signal: this.#closing.signal,
				isFinal: (error) => this.#saidBy(error).code === 'insufficient_quota',
				onFailure: (error) => charge?.failed(error.mayBeDone),
				onRetry: (_, wait) => this.#rest(wait),
			},
		);
		return await this.#received(body, answer);
	}

	/** A server that asks one request to wait wants all of them to. */
	#rest(wait: number): void {
		if (wait <= 0 || this.#queue.isPaused) return;
		this.#queue.pause();
		setTimeout(() => this.#queue.start(), wait).unref();
	}

	#headers(): Record<string, string> {
		const { apiKey } = this.#options;
		return { 'content-type': 'application/json', ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }) };
	}

	/** What is no completion is a failure of the server: it is tried again where that may help. */
	async #read(response: Response): Promise<{ readonly answer: unknown; readonly completion: Completion }> {
		const waiting = { timeout: this.#options.retryPolicy.timeout, signal: this.#closing.signal };
		const answer = this.#withoutKey(jsonOf(await readText(response, longestAnswer, waiting)));
		const error = errorWithin(answer);
		if (error !== null) {
			const { status, ...said } = error;
			const { headers } = response;
			throw new HttpError('an error in place of an answer', status, { headers, body: JSON.stringify({ error: said }) });
		}
		const completion = readCompletion(answer);
		if ('wrong' in completion) throw new HttpError(completion.wrong, null);
		return { answer, completion };
	}

	async #received(
		body: object,
		{ answer, completion, charge }: { answer: unknown; completion: Completion; charge: Charge | null },
	): Promise<Answered> {
		this.#failures = 0;
		this.#answered = body;
		charge?.answered(completion.inputTokens, completion.outputTokens);
		await this.#options.cache.set(this.#keyOf(body), answer);
		return completion;
	}

	/** Returns what the server said, without the key. */
	#saidBy(error: HttpError): ServerError {
		const { message, param, code } = readError(error.body);
		return { message: this.#redact(message), param: this.#redact(param), code: this.#redact(code) };
	}

	/** Returns what is wrong with this one request; throws what is wrong with all of them. */
	async #problemOf(error: HttpError): Promise<AnswerProblem> {
		const { message, code } = this.#saidBy(error);
		if (/context_length|context length|maximum context|too long/iu.test(`${code} ${message}`) && error.status === 400) {
			return { kind: 'too_long', detail: `the prompt does not fit: ${message}` };
		}
		if (/content_filter|content_policy|responsibleai/iu.test(`${code} ${message}`)) {
			return { kind: 'refused', detail: `the server withheld the answer: ${message}` };
		}
		const refusal = this.#refusal(error);
		if (refusal !== null) throw refusal;
		this.#failures += 1;
		if (this.#failures >= failuresInARow && !(await this.#answersAgain())) {
			throw new UserError(
				`${this.server}: ${failuresInARow} requests in a row failed after all tries, the last one with: ${this.#told(error)}. ` +
					'What was computed is kept; run the same command again once the server works.',
			);
		}
		return { kind: 'server_error', detail: `no answer from ${this.server} after all tries: ${this.#told(error)}` };
	}

	/** Returns whether the server still answers what it once answered: then it is these requests that it cannot answer. */
	async #answersAgain(): Promise<boolean> {
		if (this.#answered === null) return false;
		return await this.#send(this.#answered, 0).then(
			() => true,
			(error: unknown) => {
				if (error instanceof HttpError) return false;
				throw error;
			},
		);
	}

	/** Returns the error for a request that no other one will do better than, null for others. */
	#refusal(error: HttpError): UserError | null {
		const { status } = error;
		const { code } = this.#saidBy(error);
		const target = redirectionOf(error);
		if (target !== null) {
			return new UserError(
				`${this.server} sends requests on to ${this.#redact(target)} (status ${status}), which is not followed: prompts and key go ` +
					'only where you say. If that address is right, set OPENAI_BASE_URL, or "baseUrl", to it.',
			);
		}
		if (status === 401 || status === 403) {
			const key = this.#options.apiKey === null ? 'OPENAI_API_KEY is not set' : 'check OPENAI_API_KEY';
			return new UserError(`${this.server} does not accept the key (${this.#told(error)}); ${key}.`);
		}
		if (code === 'insufficient_quota') {
			return new UserError(
				`${this.server}: the account has no credit left (${this.#told(error)}). What was computed is kept.`,
			);
		}
		if (status !== null && status < 500 && !error.isTransient) {
			return new UserError(`${this.server} refuses the request: ${this.#told(error)}.`);
		}
		return null;
	}

	#told(error: HttpError): string {
		const { message } = this.#saidBy(error);
		return [this.#redact(error.message), ...(message === '' ? [] : [message])].join(', ').replace(/\.$/u, '');
	}
}

function jsonOf(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		throw new HttpError(text.trim() === '' ? 'an empty answer' : 'an answer that is no JSON', null);
	}
}

/** Returns the base address that a server sends to, null where it sends nowhere. */
function redirectionOf({ status, headers }: HttpError): string | null {
	if (status === null || status < 300 || status > 399) return null;
	const location = headers.get('location') ?? '';
	if (!URL.canParse(location)) return 'another place';
	const { origin, pathname } = new URL(location);
	return origin + pathname.replace(/\/chat\/completions\/?$/u, '');
}

function maxTokensOf(body: object): number {
	const { max_tokens: older, max_completion_tokens: newer } = body as Record<string, unknown>;
	return Number(older ?? newer ?? 0);
}
