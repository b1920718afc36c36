/** One answer being generated: which token comes next, when it ends, and what is reported of it. */
import { seededRandom, type Random } from '../../core/random.ts';
import type {
	GeneratedTokens,
	GenerationOptions,
	OnToken,
	ReportedToken,
	TokenIds,
	ListConstraint,
} from '../languageModel.ts';
import { ListWriter } from './listConstraint.ts';
import { drawToken, largest, reportOf } from './nextToken.ts';

interface AnswerTo {
	/** Place of the prompt in the call. */
	readonly number: number;
	readonly constraint?: ListConstraint | undefined;
}

/** Returns an empty answer to a prompt. */
export function answerTo(
	prompt: AnswerTo,
	options: Omit<GenerationOptions, 'constraints'>,
	endTokens: readonly number[],
	onToken?: OnToken,
): Answer {
	return new Answer(prompt, options, endTokens, onToken);
}

export class Answer {
	readonly #ids: number[] = [];
	readonly #reports: ReportedToken[] = [];
	/** The list it is restricted to. */
	readonly #list: ListWriter | undefined;
	readonly #random: Random | undefined;
	readonly #number: number;
	readonly #options: Omit<GenerationOptions, 'constraints'>;
	readonly #endTokens: readonly number[];
	readonly #onToken: OnToken | undefined;
	#stopped: boolean;
	#ended: 'stop' | 'length' = 'length';

	constructor(
		{ number, constraint }: AnswerTo,
		options: Omit<GenerationOptions, 'constraints'>,
		endTokens: readonly number[],
		onToken: OnToken | undefined,
	) {
		const { maxNewTokens, sampling } = options;
		this.#number = number;
		this.#options = options;
		this.#endTokens = endTokens;
		this.#onToken = onToken;
		this.#list = constraint && new ListWriter(constraint, maxNewTokens);
		this.#random = sampling && seededRandom(sampling.seed, number);
		this.#stopped = this.#list?.allowed.size === 0;
	}

	/** Nothing is added to it any more. */
	get stopped(): boolean {
		return this.#stopped;
	}

	/** Chooses the next token by its logits [V], adds it, unless the answer has stopped, and returns it. */
	take(logits: Float32Array): number {
		const token = this.#next(logits);
		if (this.#stopped) return token;
		if (this.#list === undefined && this.#endTokens.includes(token)) {
			this.#stop();
			return token;
		}
		this.#add(token, logits);
		this.#list?.take(token);
		if (this.#list?.isComplete === true) this.#stop();
		return token;
	}

	result(): GeneratedTokens {
		const ids: TokenIds = this.#ids;
		const reports = this.#options.alternatives === undefined ? {} : { reports: this.#reports };
		return { ids, ended: this.#ended, ...reports };
	}

	#next(logits: Float32Array): number {
		const { sampling } = this.#options;
		if (sampling !== undefined && this.#random !== undefined) return drawToken(logits, sampling, this.#random);
		const allowed = [...(this.#list?.allowed ?? [])].toSorted((a, b) => a - b);
		return largest(logits, allowed);
	}

	#add(token: number, logits: Float32Array): void {
		const { alternatives } = this.#options;
		const report = alternatives === undefined ? undefined : reportOf(logits, token, alternatives);
		this.#ids.push(token);
		if (report !== undefined) this.#reports.push(report);
		this.#onToken?.(this.#number, token, report);
	}

	#stop(): void {
		this.#stopped = true;
		this.#ended = 'stop';
	}
}
