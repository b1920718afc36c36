/** The other end of a connection: answers calls in the order they come, until its parent is gone. */
import { Worker } from 'node:worker_threads';
import type { GenerationWatch } from '../languageModel.ts';
import { type Cancellation, packError, type Request, type Response } from './protocol.ts';

/** Returns the answer to a call; `values` end with a `GenerationWatch` where the caller wants to be told of tokens, or may leave. */
export type Answer = (method: string, values: readonly unknown[]) => Promise<unknown>;

/** Serves the parent process for as long as it is there. */
export function serve(answer: Answer): void {
	let queue = Promise.resolve();
	/** Of requests that wait or are computed. */
	const leaving = new Map<number, AbortController>();
	const reply = async (request: Request, { signal }: AbortController): Promise<void> => {
		const { id, method, arguments: values, isWatched } = request;
		if (!signal.aborted) {
			const watch: GenerationWatch = { onToken: (...token) => send({ id, token }), signal };
			const response: Response = await answer(method, isWatched ? [...values, watch] : values).then(
				(value) => ({ id, value }),
				(error: unknown) => ({ id, error: packError(error) }),
			);
			send(response);
		}
		leaving.delete(id);
	};
	process.on('message', (message: Request | Cancellation) => {
		if ('cancelled' in message) {
			leaving.get(message.cancelled)?.abort();
			return;
		}
		const controller = new AbortController();
		leaving.set(message.id, controller);
		queue = queue.then(() => reply(message, controller));
	});
	process.on('disconnect', () => process.exit());
	endWithParent();
	// Ctrl-C reaches the whole group; the parent decides when this process ends.
	process.on('SIGINT', () => {});
}

/** A run blocks this thread, perhaps for minutes; another one notices meanwhile that nobody waits for it any more. */
function endWithParent(): void {
	const watch = `
		const { ppid } = process;
		setInterval(() => { if (process.ppid !== ppid) process.kill(process.pid, 'SIGKILL'); }, 250);`;
	new Worker(watch, { eval: true, execArgv: [] }).unref();
}

/** A parent that is gone reads nothing, which is no failure: 'disconnect' ends this process. */
function send(response: Response): void {
	process.send?.(response, undefined, undefined, () => undefined);
}
