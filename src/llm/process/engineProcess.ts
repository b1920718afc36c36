/** Entry point of the engine process. */
import { InternalError } from '../../core/errors.ts';
import { requireDevice } from '../../engine/onnx/session.ts';
import { createEngine, type Engine, type EngineOptions } from './engine.ts';
import { type Answer, serve } from './serve.ts';

function engineAnswers(): Answer {
	let engine: Engine | undefined;
	return async (method, values) => {
		if (method === 'open') {
			// Messages carry no types; `engineClient.ts` is the only sender.
			const [options] = values as [EngineOptions];
			await requireDevice(options.device ?? 'cpu');
			engine = createEngine(options);
			return null;
		}
		if (engine === undefined) throw new InternalError(`${method} came before open`);
		const asked = engine[method as keyof Engine] as (...all: readonly unknown[]) => Promise<unknown>;
		return asked(...values);
	};
}

serve(engineAnswers());
