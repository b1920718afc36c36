/** The engine in a child process: the main process stays responsive, and stopping means ending the child. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { InternalError } from '../../core/errors.ts';
import type { OnToken } from '../languageModel.ts';
import type { Engine, EngineOptions } from './decoderEngine.ts';
import { type Response, unpackError } from './protocol.ts';

export interface EngineProcess extends Engine {
	/** Ends the process at once; calls under way fail. */
	close(): Promise<void>;
}

/** Returns an engine running in a process of its own. Throws what `createEngine` throws. */
export async function startEngine(options: EngineOptions): Promise<EngineProcess> {
	const connection = new Connection(startChild());
	const call =
		<K extends keyof Engine>(method: K) =>
		(...values: Parameters<Engine[K]>): ReturnType<Engine[K]> =>
			connection.call(method, values) as ReturnType<Engine[K]>;
	try {
		await connection.call('open', [options]);
	} catch (error) {
		await connection.close();
		throw error;
	}
	return {
		contextLength: call('contextLength'),
		memory: call('memory'),
		scoreLabels: call('scoreLabels'),
		attribute: call('attribute'),
		attributeByPasses: call('attributeByPasses'),
		generate: (prompts, options, onToken) =>
			connection.call('generate', [prompts, options], onToken) as ReturnType<Engine['generate']>,
		close: () => connection.close(),
	};
}

/** From sources the child needs the same TypeScript loader as its parent; built code needs nothing. */
function startChild(): ChildProcess {
	const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
	const entry = fileURLToPath(new URL(`./engineProcess${extension}`, import.meta.url));
	const execArgv = extension === '.ts' ? ['--import', 'tsx'] : [];
	return fork(entry, { serialization: 'advanced', execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

interface Caller {
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: Error) => void;
	readonly onToken: OnToken | undefined;
}

class Connection {
	readonly #child: ChildProcess;
	readonly #waiting = new Map<number, Caller>();
	#nextId = 0;
	#ended: Error | undefined;

	constructor(child: ChildProcess) {
		this.#child = child;
		child.on('message', (response: Response) => this.#receive(response));
		child.on('exit', (code, signal) =>
			this.#end(new InternalError(`the engine process ended (${signal ?? `code ${code}`})`)),
		);
		child.on('error', (error) => this.#end(new InternalError(`the engine process cannot be used: ${error.message}`)));
	}

	call(method: string, values: readonly unknown[], onToken?: OnToken): Promise<unknown> {
		if (this.#ended !== undefined) return Promise.reject(this.#ended);
		const id = this.#nextId++;
		return new Promise((resolve, reject) => {
			this.#waiting.set(id, { resolve, reject, onToken });
			this.#child.send({ id, method, arguments: values, tellsTokens: onToken !== undefined });
		});
	}

	async close(): Promise<void> {
		if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
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
		if ('error' in response) caller?.reject(unpackError(response.error));
		else caller?.resolve(response.value);
	}

	#end(error: Error): void {
		this.#ended ??= error;
		for (const { reject } of this.#waiting.values()) reject(this.#ended);
		this.#waiting.clear();
	}
}
