/** One answer of the model as text, told piece by piece, with stop strings and the probabilities of its tokens. */
import type {
	GeneratedTokens,
	GenerationOptions,
	LanguageModel,
	OnToken,
	ReportedToken,
	ScoredToken,
	TokenIds,
} from '../../llm/languageModel.ts';
import { ApiError } from './errors.ts';

export interface AnswerRequest {
	readonly prompt: TokenIds;
	readonly options: GenerationOptions;
	/** Texts before which the answer ends. */
	readonly stop: readonly string[];
}

/** A token as text; `bytes` null where it is only a part of a character. */
export interface TextToken {
	readonly text: string;
	readonly bytes: readonly number[] | null;
	readonly logProbability: number;
	/** Best first. */
	readonly alternatives: readonly Omit<TextToken, 'alternatives'>[];
}

/** Text that is certain to stay, with its tokens where probabilities were asked for. */
export interface Piece {
	readonly text: string;
	readonly tokens: readonly TextToken[];
}

export interface TextAnswer extends Piece {
	readonly finish: 'stop' | 'length';
	readonly promptTokens: number;
	readonly newTokens: number;
}

/** Throws `ApiError` for a prompt that does not fit. */
export function requireRoom({ contextLength }: LanguageModel, { prompt, options }: AnswerRequest): void {
	if (prompt.length + options.maxNewTokens <= contextLength) return;
	const needed = `The prompt has ${prompt.length} tokens and the answer up to ${options.maxNewTokens}`;
	throw tooLong(`${needed}; this model reads ${contextLength}.`, 'messages');
}

/** Returns the refusal of a prompt that does not fit. */
export function tooLong(message: string, param: string): ApiError {
	return new ApiError(400, message, param, 'context_length_exceeded');
}

/** Why generation ends once a stop text has come. */
const stopText = Symbol('stop text');

/**
 * Returns the answer to a prompt that fits; `onPiece` is told of its text as it grows. A stop text ends the computing, and
 * so does the signal, whose reason is then thrown.
 */
export async function answer(
	model: LanguageModel,
	{ prompt, options, stop }: AnswerRequest,
	signal: AbortSignal,
	onPiece: (piece: Piece) => void = () => undefined,
): Promise<TextAnswer> {
	const writer = new AnswerWriter(model, stop, onPiece);
	const ending = new AbortController();
	const take = async (token: number, report: ReportedToken | undefined): Promise<void> => {
		await writer.take(token, report);
		if (writer.isStopped) ending.abort(stopText);
	};
	let writing = Promise.resolve();
	const onToken: OnToken = (_, token, report) => {
		writing = writing.then(() => take(token, report)).catch((error: unknown) => ending.abort(error));
	};
	const watch = { onToken, signal: AbortSignal.any([signal, ending.signal]) };
	const ended = await untilStopText(model.generate([prompt], options, watch), ending.signal);
	await writing;
	if (ending.signal.aborted && ending.signal.reason !== stopText) throw ending.signal.reason;
	const { text, tokens, isStopped, newTokens } = writer.finish();
	return { text, tokens, finish: isStopped ? 'stop' : ended, promptTokens: prompt.length, newTokens };
}

/** Returns why the generation ended; throws what it throws for another reason than a stop text. */
async function untilStopText(
	generating: Promise<readonly GeneratedTokens[]>,
	ending: AbortSignal,
): Promise<GeneratedTokens['ended']> {
	try {
		const [generated] = await generating;
		return generated?.ended ?? 'stop';
	} catch (error) {
		if (ending.reason === stopText) return 'stop';
		throw error;
	}
}

/** Tokens that are enough to tell how the next one is spelled. */
const contextTokens = 8;

class AnswerWriter {
	readonly #model: LanguageModel;
	readonly #stop: readonly string[];
	readonly #onPiece: (piece: Piece) => void;
	readonly #ids: number[] = [];
	readonly #tokens: { readonly token: TextToken; readonly start: number; readonly end: number }[] = [];
	#text = '';
	/** Characters and tokens that were told. */
	#told = { characters: 0, tokens: 0 };
	#stoppedAt: number | null = null;

	constructor(model: LanguageModel, stop: readonly string[], onPiece: (piece: Piece) => void) {
		this.#model = model;
		this.#stop = stop;
		this.#onPiece = onPiece;
	}

	/** Whether a stop text has come. */
	get isStopped(): boolean {
		return this.#stoppedAt !== null;
	}

	async take(id: number, report: ReportedToken | undefined): Promise<void> {
		if (this.isStopped) return;
		const token = report === undefined ? undefined : await this.#textToken(report);
		this.#ids.push(id);
		const start = this.#text.length;
		this.#text = await this.#model.decode(this.#ids);
		if (token !== undefined) this.#tokens.push({ token, start, end: this.#text.length });
		this.#lookForStop();
		if (this.#stoppedAt === null) this.#tell(this.#certainLength(), false);
	}

	/** Returns the whole answer; the rest of it is told. */
	finish(): Piece & { readonly isStopped: boolean; readonly newTokens: number } {
		const end = this.#stoppedAt ?? this.#text.length;
		this.#tell(end, true);
		const tokens = this.#tokens.slice(0, this.#told.tokens).map(({ token }) => token);
		return { text: this.#text.slice(0, end), tokens, isStopped: this.isStopped, newTokens: this.#ids.length };
	}

	#lookForStop(): void {
		const places = this.#stop.map((text) => this.#text.indexOf(text)).filter((place) => place >= 0);
		if (places.length > 0) this.#stoppedAt = Math.min(...places);
	}

	/** Held back is what may begin a stop text, and a character of which only some bytes are there. */
	#certainLength(): number {
		const whole = this.#text.endsWith('\uFFFD') ? this.#text.length - 1 : this.#text.length;
		const held = this.#stop.map((text) => overlap(this.#text.slice(0, whole), text));
		return Math.max(this.#told.characters, whole - Math.max(0, ...held));
	}

	/** A token is told with its last character; the last one also where a stop text cuts it short. */
	#tell(until: number, isLast: boolean): void {
		const later = this.#tokens.findIndex(({ start, end }) => end > until && !(isLast && start < until));
		const count = later < 0 ? this.#tokens.length : later;
		const tokens = this.#tokens.slice(this.#told.tokens, count).map(({ token }) => token);
		const text = this.#text.slice(this.#told.characters, until);
		if (text === '' && tokens.length === 0) return;
		this.#told = { characters: until, tokens: count };
		this.#onPiece({ text, tokens });
	}

	async #textToken({ alternatives, ...own }: ReportedToken): Promise<TextToken> {
		const context = this.#ids.slice(-contextTokens);
		const before = await this.#model.decode(context);
		const spelled = async ({ token, logProbability }: ScoredToken) => {
			const after = await this.#model.decode([...context, token]);
			const text = after.startsWith(before) ? after.slice(before.length) : await this.#model.decode([token]);
			return { text, bytes: text.includes('\uFFFD') ? null : [...Buffer.from(text)], logProbability };
		};
		const others = await Promise.all(alternatives.map(spelled));
		return { ...(await spelled(own)), alternatives: others };
	}
}

/** Returns the length of the longest end of `text` that `stop` begins with. */
function overlap(text: string, stop: string): number {
	for (let length = Math.min(text.length, stop.length - 1); length > 0; length--) {
		if (text.endsWith(stop.slice(0, length))) return length;
	}
	return 0;
}
