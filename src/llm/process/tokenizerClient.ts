/**
 * Tokenizers in processes of their own. The library ends its process where a file makes it panic, at opening or at a text, and a
 * pattern can keep it busy for ever; a file that somebody downloaded must not do that to this process.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InternalError, InterruptedError, UserError } from '../../core/errors.ts';
import {
	loadTokenizer,
	type Tokenizer,
	type TokenizerCalls,
	type TokenizerFacts,
	tokenizerOf,
} from '../tokenizers/tokenizer.ts';
import { Connection, type ProcessEntry, startChild } from './connection.ts';
import { EngineCrash } from './engineCrash.ts';
import { type PackedText, unpackedText } from './packedTexts.ts';

const tokenizerEntry: ProcessEntry = { beside: import.meta.url, name: 'tokenizerProcess' };

export interface TokenizerLimits {
	/** Longest time for opening a file, and for a call, in milliseconds. */
	readonly open: number;
	readonly call: number;
	/** More time of a call, per million UTF-16 code units of text. */
	readonly perMillion: number;
}

const tokenizerLimits: TokenizerLimits = { open: 120_000, call: 60_000, perMillion: 60_000 };

/**
 * Returns the tokenizer of a folder or file, as `loadTokenizer` does: in this process where it is one that comes with this program,
 * else in one of its own, which ends with `close` or when the signal is aborted. Throws what `loadTokenizer` throws, and a
 * `UserError` where that process ends or takes too long; the next call then starts another one.
 */
export async function openTokenizer(
	folder: string,
	signal?: AbortSignal,
	limits: TokenizerLimits = tokenizerLimits,
): Promise<Tokenizer> {
	if (isBundled(folder)) return loadTokenizer(folder);
	let current = open(folder, limits);
	let isClosed = false;
	const close = async (): Promise<void> => {
		isClosed = true;
		signal?.removeEventListener('abort', close);
		await current.connection.close();
	};
	signal?.addEventListener('abort', close);
	if (signal?.aborted === true) await close();
	try {
		const facts = await current.facts;
		const call = async (method: string, value: object, what: string, size: number): Promise<unknown> => {
			if (current.connection.hasEnded && !isClosed) current = open(folder, limits);
			await current.facts;
			const limit = limits.call + limits.perMillion * (size / 1e6);
			return await withinLimits(folder, current.connection, what, limit, () =>
				current.connection.call(method, [value]),
			);
		};
		return { ...tokenizerOf(facts, { ...callsOf(call), close }), processBytes: processBytes(facts) };
	} catch (error) {
		await close();
		if (signal?.aborted === true) throw new InterruptedError('Stopped.', { cause: error });
		throw error;
	}
}

/**
 * Returns an estimate that is above what was measured: 194 MB for the 49,152 tokens of SmolLM2, 408 MB for the 151,936 of
 * Qwen 2.5, 898 MB for the 262,144 of Gemma 3.
 */
function processBytes({ vocabularySize }: TokenizerFacts): number {
	return 90e6 + 3200 * vocabularySize;
}

type Call = (method: string, value: object, what: string, size: number) => Promise<unknown>;

function callsOf(call: Call): Omit<TokenizerCalls, 'close'> {
	const encodeBatch: TokenizerCalls['encodeBatch'] = async (texts) => {
		if (texts.length === 0) return [];
		const size = texts.reduce((sum, text) => sum + text.length, 0);
		const what = `read ${texts.length === 1 ? 'a text' : `${texts.length} texts`} of ${size} characters`;
		// The process sends what `packedTexts` gives.
		return ((await call('encode', { texts }, what, size)) as readonly PackedText[]).map(unpackedText);
	};
	return {
		encodeBatch,
		encode: async (text) => {
			const [encoded] = await encodeBatch([text]);
			if (encoded === undefined) throw new InternalError('the process of the tokenizer sent no tokens');
			return encoded;
		},
		decode: async (ids) => {
			const tokens = Uint32Array.from(ids);
			return (await call('decode', { tokens }, `wrote ${ids.length} tokens as text`, 0)) as string;
		},
	};
}

interface Opening {
	readonly connection: Connection;
	readonly facts: Promise<TokenizerFacts>;
}

function open(folder: string, { open: limit }: TokenizerLimits): Opening {
	const connection = new Connection(startChild(tokenizerEntry));
	const opened = withinLimits(folder, connection, 'was opened', limit, () => connection.call('open', [{ folder }]));
	const facts = opened.catch(async (error: unknown) => {
		await connection.close();
		throw error;
	});
	// The process sends the facts of a `LoadedTokenizer`.
	return { connection, facts: facts as Promise<TokenizerFacts> };
}

/** Returns the answer of the process. Throws a `UserError` that names the file where the process ends or takes too long. */
async function withinLimits(
	folder: string,
	connection: Connection,
	what: string,
	limit: number,
	asked: () => Promise<unknown>,
): Promise<unknown> {
	let timer: NodeJS.Timeout | undefined;
	const tooLong = new Promise<never>((_, reject) => {
		timer = setTimeout(() => {
			reject(unusable(folder, `its process took longer than ${limit / 1000} seconds when it ${what}`));
			void connection.close();
		}, limit);
	});
	try {
		return await Promise.race([asked(), tooLong]);
	} catch (error) {
		if (!(error instanceof EngineCrash)) throw error;
		throw unusable(folder, `its process ended when it ${what}`, error);
	} finally {
		clearTimeout(timer);
	}
}

function unusable(folder: string, why: string, cause?: Error): UserError {
	return new UserError(
		`${fileOf(folder)}: the tokenizer cannot be used: ${why}. Copy or download the file again, from somebody you trust.`,
		{ cause },
	);
}

function fileOf(folder: string): string {
	const file = join(folder, 'tokenizer.json');
	return existsSync(file) ? file : folder;
}

/** Returns whether a folder's tokenizer is, byte by byte, one that comes with this program. */
function isBundled(folder: string): boolean {
	const file = join(folder, 'tokenizer.json');
	const models = fileURLToPath(new URL('../../../models/', import.meta.url));
	if (!existsSync(file) || !existsSync(models)) return false;
	const own = readdirSync(models).map((name) => join(models, name, 'tokenizer.json'));
	const content = readFileSync(file);
	return own.some((bundled) => existsSync(bundled) && content.equals(readFileSync(bundled)));
}
