/** The engine in a child process: the main process stays responsive, and stopping means ending the child. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { InternalError, InterruptedError } from '../../core/errors.ts';
import { engineCrash, refusedMemory } from './engineCrash.ts';
import type { OnToken, TokenIds } from '../languageModel.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { type Response, unpackError } from './protocol.ts';

export interface EngineProcess extends Engine {
	/** Ends the process at once; calls under way fail. */
	close(): Promise<void>;
	/** Returns the number of the process that is running now. */
	processId(): number | undefined;
}

/**
 * Returns an engine running in a process of its own, which ends when the signal is aborted, be it opening or open. Throws
 * what `createEngine` throws, and `InterruptedError` where the signal ends it before it is open. When the process ends by
 * itself, calls under way fail with an `EngineCrash`, and the next call starts another one.
 */
export async function startEngine(options: EngineOptions, signal?: AbortSignal): Promise<EngineProcess> {
	let current = open(options);
	let isClosed = false;
	/** Calls that come while the process starts again wait for the same one. */
	const connection = (): Promise<Connection> => {
		if (current.connection.hasEnded && !isClosed) current = open(options);
		return current.opened;
	};
	const close = (): Promise<void> => {
		isClosed = true;
		signal?.removeEventListener('abort', close);
		return current.connection.close();
	};
	signal?.addEventListener('abort', close);
	await untilOpen(current, close, signal);
	const call =
		<K extends keyof Engine>(method: K) =>
		async (...values: Parameters<Engine[K]>): Promise<Awaited<ReturnType<Engine[K]>>> =>
			(await connection()).call(method, values) as Promise<Awaited<ReturnType<Engine[K]>>>;
	return {
		contextLength: call('contextLength'),
		memory: call('memory'),
		scoreLabels: call('scoreLabels'),
		attribute: call('attribute'),
		attributeByPasses: call('attributeByPasses'),
		scoreSoftly: call('scoreSoftly'),
		generate: async (prompts, options, onToken) =>
			(await connection()).call('generate', [prompts, options], onToken) as ReturnType<Engine['generate']>,
		close,
		processId: () => current.connection.processId,
	};
}

interface Opening {
	readonly connection: Connection;
	/** The connection, once the process has opened the model. Where that fails, the process has ended. */
	readonly opened: Promise<Connection>;
}

function open(options: EngineOptions): Opening {
	const connection = new Connection(startChild());
	const opened = async (): Promise<Connection> => {
		try {
			await connection.call('open', [options]);
			return connection;
		} catch (error) {
			await connection.close();
			throw error;
		}
	};
	return { connection, opened: opened() };
}

async function untilOpen({ opened }: Opening, close: () => Promise<void>, signal?: AbortSignal): Promise<void> {
	try {
		if (signal?.aborted) await close();
		await opened;
	} catch (error) {
		await close();
		if (signal?.aborted) throw new InterruptedError('Stopped.', { cause: error });
		throw error;
	}
}

/** From sources the child needs the same TypeScript loader as its parent; built code needs nothing. */
export function startChild(complaints: 'inherit' | 'ignore' = 'inherit'): ChildProcess {
	const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
	const entry = fileURLToPath(new URL(`./engineProcess${extension}`, import.meta.url));
	const execArgv = extension === '.ts' ? ['--import', 'tsx'] : [];
	return fork(entry, { serialization: 'advanced', execArgv, stdio: ['ignore', 'ignore', complaints, 'ipc'] });
}

interface Caller {
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: Error) => void;
	readonly onToken: OnToken | undefined;
	/** What was asked, in words. */
	readonly work: string;
}

export class Connection {
	readonly #child: ChildProcess;
	readonly #waiting = new Map<number, Caller>();
	#nextId = 0;
	#ended: Error | undefined;
	#isClosing = false;

	constructor(child: ChildProcess) {
		this.#child = child;
		child.on('message', (response: Response) => this.#receive(response));
		child.on('exit', (code, signal) => this.#end(signal ?? `code ${code}`));
		child.on('error', (error) => this.#end(error.message));
	}

	get hasEnded(): boolean {
		return this.#ended !== undefined;
	}

	get processId(): number | undefined {
		return this.#child.pid;
	}

	call(method: string, values: readonly unknown[], onToken?: OnToken): Promise<unknown> {
		if (this.#ended !== undefined) return Promise.reject(this.#ended);
		const id = this.#nextId++;
		return new Promise((resolve, reject) => {
			this.#waiting.set(id, { resolve, reject, onToken, work: workOf(method, values) });
			// Where the process is gone already, its end is told by 'exit'.
			this.#child.send({ id, method, arguments: values, tellsTokens: onToken !== undefined }, () => undefined);
		});
	}

	async close(): Promise<void> {
		this.#isClosing = true;
		const hasStarted = this.#child.pid !== undefined;
		if (!hasStarted || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
		const gone = new Promise((resolve) => this.#child.once('exit', resolve));
		this.#child.kill('SIGKILL');
		await gone;
	}

	#receive(response: Response): void {
		const caller = this.#waiting.get(response.id);
		if ('token' in response) {
			caller?.onToken?.(...response.token);
			return;
		}
		this.#waiting.delete(response.id);
		if ('error' in response) caller?.reject(this.#errorOf(response.error, caller.work));
		else caller?.resolve(response.value);
	}

	/** A process that was refused memory keeps what it has: it makes room for another one. */
	#errorOf(error: Parameters<typeof unpackError>[0], work: string): Error {
		const crash = refusedMemory(error.message, work);
		if (crash === null) return unpackError(error);
		this.#ended = crash;
		this.#child.kill('SIGKILL');
		return crash;
	}

	#end(how: string): void {
		const isAsked = this.#isClosing;
		this.#ended ??= new InternalError(`the engine process ended (${how})`);
		for (const { reject, work } of this.#waiting.values()) reject(isAsked ? this.#ended : engineCrash(how, work));
		this.#waiting.clear();
	}
}

/** Returns `attribute on 3 texts of up to 120 tokens`. */
function workOf(method: string, [prompts]: readonly unknown[]): string {
	if (!Array.isArray(prompts) || method === 'open') return method;
	const lengths = prompts.map((prompt: TokenIds | { readonly ids: TokenIds }) =>
		'ids' in prompt ? prompt.ids.length : prompt.length,
	);
	return `${method} on ${lengths.length} texts of up to ${Math.max(0, ...lengths)} tokens`;
}
