/** The engine in a child process: the main process stays responsive, and stopping means ending the child. */
import { InterruptedError } from '../../core/errors.ts';
import { Connection, type ProcessEntry, startChild } from './connection.ts';
import type { Engine, EngineOptions } from './engine.ts';

const engineEntry: ProcessEntry = { beside: import.meta.url, name: 'engineProcess' };

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
		generate: async (prompts, options, watch) =>
			(await connection()).call('generate', [prompts, options], watch) as ReturnType<Engine['generate']>,
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
	const connection = new Connection(startChild(engineEntry));
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
