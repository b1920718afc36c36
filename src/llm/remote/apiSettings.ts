/** How a model behind an API is asked: what a study file may say about it. */
import { z } from 'zod';

const count = (least: number) => z.int('expected a whole number').min(least, `must be at least ${least}`);
const amount = z.number().min(0, 'must not be negative');

/** How labels are found; `auto` takes the first one that the server can do. */
export const classifications = ['log_probabilities', 'constrained', 'answer'] as const;

export type Classification = (typeof classifications)[number];

export const apiSchema = z
	.strictObject({
		/** The server's name of the model. Default: the model's id. */
		model: z.string().min(1).optional(),
		/** The server, up to and with `/v1`. Default: OPENAI_BASE_URL, or that of OpenAI. */
		baseUrl: z.url({ protocol: /^https?$/u, error: 'expected an address such as http://localhost:8000/v1' }).optional(),
		/**
		 * `log_probabilities`: those of the most probable first tokens; `constrained`: an answer that can only be a label;
		 * `answer`: any answer, read.
		 */
		classify: z.enum(['auto', ...classifications]).default('auto'),
		/** Requests under way at one time. */
		concurrency: count(1).default(8),
		requestsPerMinute: count(1).optional(),
		/** Tries after the first one, for servers that are busy or fail. */
		retries: count(0).default(6),
		/** Seconds for the first byte of an answer. */
		timeout: z.number().gt(0).default(120),
		/** A run stops before it exceeds these; answers from the cache are free. */
		budget: z.strictObject({ requests: count(1).optional(), dollars: amount.optional() }).prefault({}),
		/** Dollars per million tokens. */
		price: z.strictObject({ input: amount, output: amount }).optional(),
		/**
		 * True where the server goes on from where a last turn of the assistant ends, as an `answerPrefix` needs: llama.cpp does so
		 * by itself, vLLM with `extra: { continue_final_message: true, add_generation_prompt: false }`.
		 */
		continues: z.boolean().default(false),
		/** Added to every request: `{ reasoning_effort: none }`. */
		extra: z.record(z.string(), z.json()).default({}),
	})
	.refine(({ budget, price }) => budget.dollars === undefined || price !== undefined, {
		path: ['budget'],
		message: 'a budget in dollars needs "price: { input, output }", in dollars per million tokens',
	})
	.refine(({ baseUrl = 'http://host' }) => new URL(baseUrl).username === '' && new URL(baseUrl).password === '', {
		path: ['baseUrl'],
		message: 'must not hold a password; keys belong in OPENAI_API_KEY',
	})
	.refine(({ extra }) => !Object.keys(extra).some((key) => reserved.has(key)), {
		path: ['extra'],
		message: 'may not set model, messages or what the program itself sets',
	});

const reserved: ReadonlySet<string> = new Set([
	'model',
	'messages',
	'stream',
	'n',
	'logprobs',
	'top_logprobs',
	'response_format',
	'max_tokens',
	'max_completion_tokens',
	'temperature',
	'seed',
]);

export type ApiSettings = z.output<typeof apiSchema>;
