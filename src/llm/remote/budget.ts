/** What a run may cost, and what it has cost. */
import { UserError } from '../../core/errors.ts';
import type { ApiSettings } from './apiSettings.ts';

export interface Spending {
	/** Requests that were sent, each try counted. */
	requests: number;
	/** Answers that were in the cache. */
	cached: number;
	inputTokens: number;
	outputTokens: number;
	/** Null where no price is known. Answers that were lost on their way count as the most they can have cost. */
	dollars: number | null;
}

/** A request under way, to be settled once. */
export interface Charge {
	/** Counts an answer; null for what the server does not report, which costs the most it can. */
	answered(inputTokens: number | null, outputTokens: number | null): void;
	/** Settles a try without an answer; `mayCost` where the server may have computed one. */
	failed(mayCost: boolean): void;
}

/** Counts requests and tokens, and refuses a request that could exceed the budget. */
export class Budget {
	readonly spending: Spending;
	readonly #settings: Pick<ApiSettings, 'budget' | 'price'>;
	/** Dollars set aside for requests under way. */
	#reserved = 0;

	constructor(settings: Pick<ApiSettings, 'budget' | 'price'>) {
		this.#settings = settings;
		const dollars = settings.price === undefined ? null : 0;
		this.spending = { requests: 0, cached: 0, inputTokens: 0, outputTokens: 0, dollars };
	}

	/**
	 * Counts a try and sets aside what it may cost at most: a token per byte of its text (no tokenizer makes more), and all
	 * output tokens. Throws `UserError` where that is more than is left.
	 */
	begin(inputBytes: number, outputTokens: number): Charge {
		const { budget } = this.#settings;
		const most = this.#costOf(inputBytes, outputTokens);
		const dollars = this.spending.dollars ?? 0;
		if (this.spending.requests + 1 > (budget.requests ?? Infinity)) {
			throw spent(`${budget.requests} requests`, 'budget.requests');
		}
		if (dollars + this.#reserved + most > (budget.dollars ?? Infinity)) {
			throw spent(
				`${budget.dollars} dollars (${dollars.toFixed(4)} spent, the next request may cost ${most.toFixed(4)})`,
				'budget.dollars',
			);
		}
		this.spending.requests += 1;
		this.#reserved += most;
		const settle = (cost: number): void => {
			this.#reserved -= most;
			if (this.spending.dollars !== null) this.spending.dollars += cost;
		};
		return {
			answered: (inputs, outputs) => {
				this.spending.inputTokens += inputs ?? 0;
				this.spending.outputTokens += outputs ?? 0;
				settle(this.#costOf(inputs ?? inputBytes, outputs ?? outputTokens));
			},
			failed: (mayCost) => settle(mayCost ? most : 0),
		};
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
