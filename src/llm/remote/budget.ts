/** What a run may cost, and what it has cost. */
import { UserError } from '../../core/errors.ts';
import type { ApiSettings } from './apiSettings.ts';

export interface Spending {
	/** Requests that the server answered. */
	requests: number;
	/** Answers that were in the cache. */
	cached: number;
	inputTokens: number;
	outputTokens: number;
	/** Null where no price is known. */
	dollars: number | null;
}

/** Counts requests and tokens, and refuses a request that could exceed the budget. */
export class Budget {
	readonly spending: Spending;
	readonly #settings: Pick<ApiSettings, 'budget' | 'price'>;
	/** Of requests under way. */
	#reserved = { requests: 0, dollars: 0 };

	constructor(settings: Pick<ApiSettings, 'budget' | 'price'>) {
		this.#settings = settings;
		this.spending = {
			requests: 0,
			cached: 0,
			inputTokens: 0,
			outputTokens: 0,
			dollars: settings.price === undefined ? null : 0,
		};
	}

	/**
	 * Sets aside what a request may cost at most: a token per byte of its text (no tokenizer makes more), and all output
	 * tokens. Returns a function that takes it back. Throws `UserError` where that is more than is left.
	 */
	reserve(inputBytes: number, outputTokens: number): () => void {
		const { budget } = this.#settings;
		const most = this.#costOf(inputBytes, outputTokens);
		const { requests, dollars } = this.spending;
		if (requests + this.#reserved.requests + 1 > (budget.requests ?? Infinity)) {
			throw spent(`${budget.requests} requests`, 'budget.requests');
		}
		if ((dollars ?? 0) + this.#reserved.dollars + most > (budget.dollars ?? Infinity)) {
			throw spent(
				`${budget.dollars} dollars (${(dollars ?? 0).toFixed(4)} spent, the next request may cost ${most.toFixed(4)})`,
				'budget.dollars',
			);
		}
		this.#reserved.requests += 1;
		this.#reserved.dollars += most;
		return () => {
			this.#reserved.requests -= 1;
			this.#reserved.dollars -= most;
		};
	}

	/** Counts an answer. */
	spend(inputTokens: number, outputTokens: number): void {
		this.spending.requests += 1;
		this.spending.inputTokens += inputTokens;
		this.spending.outputTokens += outputTokens;
		if (this.spending.dollars !== null) this.spending.dollars += this.#costOf(inputTokens, outputTokens);
	}

	#costOf(inputTokens: number, outputTokens: number): number {
		const { price } = this.#settings;
		return price === undefined ? 0 : (inputTokens * price.input + outputTokens * price.output) / 1e6;
	}
}

function spent(what: string, key: string): UserError {
	return new UserError(
		`The budget of ${what} does not reach further. What was computed is kept, and every answer is in the cache: raise ` +
			`${key} and run the same command again.`,
	);
}
