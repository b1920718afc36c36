/** What a command works with; everything from outside comes in here, so that tests can hand in their own. */
import { InterruptedError } from '../core/errors.ts';
import type { LanguageModel } from '../llm/languageModel.ts';
import type { Environment, Terminal } from '../terminal/channel.ts';
import type { Progress } from '../terminal/progress.ts';
import type { ModelEntry, ModelSource } from '../study/models/modelSource.ts';

export interface Session {
	readonly terminal: Terminal;
	readonly input: AsyncIterable<Uint8Array | string>;
	/** Shows how far long work is; nothing with --quiet. */
	readonly progress: Progress;
	/** Aborted when the user asks to stop. */
	readonly signal: AbortSignal;
	/** Loads what knows the models of this machine only when a command needs it. */
	readonly models: () => Promise<ModelSource>;
	/** Variables: where caches lie, which servers to ask, keys. */
	readonly environment: Environment;
	/** Milliseconds of a clock that never goes back. */
	readonly now: () => number;
}

/** Returns what `use` makes of a model, which is closed afterwards, or at once when the user asks to stop. */
export async function withModel<T>(
	{ models, signal }: Session,
	model: Pick<ModelEntry, 'id' | 'adapter' | 'template'>,
	use: (model: LanguageModel) => Promise<T>,
): Promise<T> {
	const opened = await (await models()).open({ path: null, ...model }, signal);
	const stop = (): void => void opened.close();
	signal.addEventListener('abort', stop);
	try {
		requireRunning(signal);
		return await use(opened);
	} finally {
		signal.removeEventListener('abort', stop);
		await opened.close();
	}
}

/** Throws `InterruptedError` once the user has asked to stop. */
export function requireRunning(signal: AbortSignal): void {
	if (signal.aborted) throw new InterruptedError('Stopped.');
}
