/** The models of this machine, whatever the environment says. */
import { modelSourceOptions } from '../../src/cli/environment.ts';
import { defaultSettings } from '../../src/llm/engineSettings.ts';
import { createModelSource } from '../../src/study/models/machineModels.ts';
import type { ModelSource } from '../../src/study/models/modelSource.ts';

/** Returns a source of bundled models and folders, with default settings. */
export function modelsHere(): ModelSource {
	return createModelSource(modelSourceOptions({}, defaultSettings));
}
