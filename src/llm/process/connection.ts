/** A process that answers calls, as its parent sees it. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { InternalError } from '../../core/errors.ts';
import type { OnToken, TokenIds } from '../languageModel.ts';
import { engineCrash, refusedMemory } from './engineCrash.ts';
import { type Response, unpackError } from './protocol.ts';

/** The module that a process runs; it calls `serve`. */
export interface ProcessEntry {
	/** The address of a module in the same folder. */
	readonly beside: string;
	/** The file's name without its extension. */
	readonly name: string;
}

/** From sources the child needs the same TypeScript loader as its parent; built code needs nothing. */
export function startChild({ beside, name }: ProcessEntry, complaints: 'inherit' | 'ignore' = 'inherit'): ChildProcess {
	const extension = beside.endsWith('.ts') ? '.ts' : '.js';
	const entry = fileURLToPath(new URL(`./${name}${extension}`, beside));
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
