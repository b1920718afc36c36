/** Entry point of the engine process: answers requests in the order they come, until its parent is gone. */
import { Worker } from 'node:worker_threads';
import { InternalError } from '../../core/errors.ts';
import { requireDevice } from '../../engine/onnx/session.ts';
import type { GenerationWatch, OnToken } from '../languageModel.ts';
import { createEngine, type Engine } from './engine.ts';
import { type Cancellation, packError, type Request, type Response } from './protocol.ts';

function serve(): void {
	let engine: Engine | undefined;
	let queue = Promise.resolve();
	/** Of requests that wait or are computed. */
	const cancels = new Map<number, AbortController>();
	const answer = async (request: Request, signal: AbortSignal): Promise<unknown> => {
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
		if (request.method !== 'generate') return method(...request.arguments);
		const watch: GenerationWatch = { signal, ...(request.tellsTokens ? { onToken: tokenSender(request.id) } : {}) };
		return method(...request.arguments, watch);
	};
	const reply = async (request: Request, { signal }: AbortController): Promise<void> => {
		if (!signal.aborted) {
			const response: Response = await answer(request, signal).then(
				(value) => ({ id: request.id, value }),
				(error: unknown) => ({ id: request.id, error: packError(error) }),
			);
			send(response);
		}
		cancels.delete(request.id);
	};
	process.on('message', (message: Request | Cancellation) => {
		if ('cancelled' in message) {
			cancels.get(message.cancelled)?.abort();
			return;
		}
		const controller = new AbortController();
		cancels.set(message.id, controller);
		queue = queue.then(() => reply(message, controller));
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
	return (...token) => send({ id, token });
}

/** A parent that is gone reads nothing, which is no failure: 'disconnect' ends this process. */
function send(response: Response): void {
	process.send?.(response, undefined, undefined, () => undefined);
}

serve();
