/** Entry point of the engine process: answers requests in the order they come, until its parent is gone. */
import { Worker } from 'node:worker_threads';
import { InternalError } from '../../core/errors.ts';
import { requireDevice } from '../../engine/onnx/session.ts';
import type { OnToken } from '../languageModel.ts';
import { createEngine, type Engine } from './engine.ts';
import { packError, type Request, type Response } from './protocol.ts';

function serve(): void {
	let engine: Engine | undefined;
	let queue = Promise.resolve();
	const answer = async (request: Request): Promise<unknown> => {
		if (request.method === 'measure') {
			const { measureDevice } = await import('../calibration/measure.ts');
			// As for 'open'.
			const [measuring] = (request as Request & { method: 'measure' }).arguments;
			return measureDevice(measuring);
		}
		if (request.method === 'open') {
			// The union of methods leaves the arguments untyped; `engineClient.ts` is the only sender.
			const [options] = (request as Request & { method: 'open' }).arguments;
			await requireDevice(options.device ?? 'cpu');
			engine = createEngine(options);
			return null;
		}
		if (engine === undefined) throw new InternalError(`${request.method} came before open`);
		const method = engine[request.method] as (...values: readonly unknown[]) => Promise<unknown>;
		return method(...request.arguments, ...(request.tellsTokens ? [tokenSender(request.id)] : []));
	};
	const reply = async (request: Request): Promise<void> => {
		const response: Response = await answer(request).then(
			(value) => ({ id: request.id, value }),
			(error: unknown) => ({ id: request.id, error: packError(error) }),
		);
		process.send?.(response);
	};
	process.on('message', (request: Request) => {
		queue = queue.then(() => reply(request));
	});
	process.on('disconnect', () => process.exit());
	endWithParent();
	// Ctrl-C reaches the whole group; the parent decides when the engine ends.
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

serve();
