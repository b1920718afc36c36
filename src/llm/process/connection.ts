/** A process that answers calls, as its parent sees it. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { InternalError } from '../../core/errors.ts';
import type { GenerationWatch, OnToken, TokenIds } from '../languageModel.ts';
import { engineCrash, refusedMemory } from './engineCrash.ts';
import { type Cancellation, type Request, type Response, unpackError } from './protocol.ts';

/** The module that a process runs; it calls `serve`. */
export interface ProcessEntry {
	/** The address of a module in the same folder. */
	readonly beside: string;
	/** The file's name without its extension. */
	readonly name: string;
}

/** From sources the child needs the same TypeScript loader as its parent; built code needs nothing. */
export function startChild({ beside, name }: ProcessEntry): ChildProcess {
	const extension = beside.endsWith('.ts') ? '.ts' : '.js';
	const entry = fileURLToPath(new URL(`./${name}${extension}`, beside));
	const execArgv = extension === '.ts' ? ['--import', 'tsx'] : [];
	return fork(entry, { serialization: 'advanced', execArgv, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
}

/** Characters of what a process says that are kept for the message of its end. */
const mostSaid = 2000;

interface Caller {
	readonly resolve: (value: unknown) => void;
	readonly reject: (reason: unknown) => void;
	readonly onToken: OnToken | undefined;
	/** What was asked, in words. */
	readonly work: string;
}

export class Connection {
	readonly #child: ChildProcess;
	readonly #waiting = new Map<number, Caller>();
	/** The last of what the process said on standard error: libraries complain there of what its answers tell better. */
	#said = '';
	#nextId = 0;
	#ended: Error | undefined;
	#isClosing = false;

	constructor(child: ChildProcess) {
		this.#child = child;
		child.on('message', (response: Response) => this.#receive(response));
		child.stderr?.setEncoding('utf8').on('data', (text: string) => {
			this.#said = (this.#said + text).slice(-mostSaid);
		});
		// Once the process has ended and all that it said was read.
		child.on('close', (code, signal) => this.#end(signal ?? `code ${code}`));
		child.on('error', (error) => this.#end(error.message));
	}

	get hasEnded(): boolean {
		return this.#ended !== undefined;
	}

	get processId(): number | undefined {
		return this.#child.pid;
	}

	/** Returns the answer. Throws the reason of the watch's signal as soon as it is aborted. */
	async call(method: string, values: readonly unknown[], watch?: GenerationWatch): Promise<unknown> {
		if (this.#ended !== undefined) throw this.#ended;
		const { onToken, signal } = watch ?? {};
		signal?.throwIfAborted();
		const id = this.#nextId++;
		const leave = (): void => this.#leave(id, signal?.reason);
		signal?.addEventListener('abort', leave, { once: true });
		try {
			return await new Promise((resolve, reject) => {
				this.#waiting.set(id, { resolve, reject, onToken, work: workOf(method, values) });
				this.#send({ id, method, arguments: values, isWatched: watch !== undefined });
			});
		} finally {
			signal?.removeEventListener('abort', leave);
		}
	}

	/** Waits no longer for an answer; the process ends its work at the next token. */
	#leave(id: number, reason: unknown): void {
		this.#waiting.get(id)?.reject(reason);
		this.#waiting.delete(id);
		this.#send({ cancelled: id });
	}

	/** Where the process is gone already, its end is told by 'close'. */
	#send(message: Request | Cancellation): void {
		this.#child.send(message, () => undefined);
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
		for (const { reject, work } of this.#waiting.values())
			reject(isAsked ? this.#ended : engineCrash(how, work, this.#said));
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
