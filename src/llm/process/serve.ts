/** The other end of a connection: answers calls in the order they come, until its parent is gone. */
import { Worker } from 'node:worker_threads';
import type { OnToken } from '../languageModel.ts';
import { packError, type Request, type Response } from './protocol.ts';

/** Returns the answer to a call; `values` end with what sends new tokens where the caller wants these. */
export type Answer = (method: string, values: readonly unknown[]) => Promise<unknown>;

/** Serves the parent process for as long as it is there. */
export function serve(answer: Answer): void {
	let queue = Promise.resolve();
	const reply = async ({ id, method, arguments: values, tellsTokens }: Request): Promise<void> => {
		const response: Response = await answer(method, tellsTokens ? [...values, tokenSender(id)] : values).then(
			(value) => ({ id, value }),
			(error: unknown) => ({ id, error: packError(error) }),
		);
		process.send?.(response);
	};
	process.on('message', (request: Request) => {
		queue = queue.then(() => reply(request));
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

function tokenSender(id: number): OnToken {
	return (...token) => process.send?.({ id, token } satisfies Response);
}
