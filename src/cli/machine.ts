/** What this machine and this installation can do. */
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import type { LanguageModel } from '../llm/languageModel.ts';
import { explainText } from '../explain/text/explainText.ts';
import { type ModelEntry, modelInventory } from './modelInventory.ts';
import { dependencyVersions, ownVersion } from './ownPackage.ts';
import { textToExplain } from './textToExplain.ts';
import type { TextExplanation } from '../records/explanation.ts';

export interface Machine {
	readonly processor: string;
	/** Cores this process may use. */
	readonly cores: number;
	/** In bytes; what the container allows where that is less. */
	readonly memory: { readonly total: number; readonly free: number };
	readonly system: string;
	readonly node: string;
	readonly version: string;
	/** Null for a package that is not installed. */
	readonly packages: Readonly<Record<string, string | null>>;
	readonly providers: readonly Provider[];
	/** A command that lists what else the installed onnxruntime was built with. */
	readonly providerProbe: string;
	readonly models: readonly ModelEntry[];
}

/** What the engine can compute on. */
export interface Provider {
	readonly name: string;
	readonly used: boolean;
	readonly note: string;
}

/** Times in milliseconds. */
export interface SelfTest {
	readonly model: string;
	readonly opened: number;
	readonly explained: number;
	readonly label: string;
	/** By method, why it said nothing; empty when all did. */
	readonly missing: Readonly<Record<string, string>>;
}

export const selfTestModel = 'tiny-instruct';

/** Returns the facts about this machine; runs no model. */
export function describeMachine(): Machine {
	const constrained = process.constrainedMemory();
	const total = constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
	return {
		processor: cpus()[0]?.model.trim() ?? 'unknown',
		cores: availableParallelism(),
		memory: { total, free: Math.min(total, freemem()) },
		system: `${process.platform} ${process.arch}`,
		node: process.version,
		version: ownVersion(),
		packages: dependencyVersions(),
		providers: [
			{ name: 'cpu', used: true, note: 'computes, unless --device or the calibration names another' },
			{ name: 'webgpu', used: false, note: 'experimental: --device webgpu' },
			{ name: 'cuda', used: false, note: 'not tried: --device cuda' },
		],
		providerProbe: `node -p "require('onnxruntime-node').listSupportedBackends()"`,
		models: modelInventory(),
	};
}

/** Returns how long the bundled model takes for one text. Throws `UserError` when it cannot be used. */
export async function runSelfTest(
	use: <T>(work: (model: LanguageModel) => Promise<T>) => Promise<T>,
	now: () => number,
	step: () => void,
): Promise<SelfTest> {
	const texts = ['He runs a small practice for hip surgery in Leeds.'];
	const { task, example } = await textToExplain({ texts, segments: [], task: 'planted-bios' });
	const started = now();
	return use(async (model) => {
		const opened = now();
		const methods = ['attention', 'input_x_gradient.dot', 'prompt.unbound'] as const;
		const explanation = await explainText(model, task, example, {
			...{ methods, wordCount: 2 },
			masking: 'delete',
			seed: 1,
			step,
		});
		const { label } = explanation.prediction;
		return {
			model: model.id,
			opened: opened - started,
			explained: now() - opened,
			label,
			missing: missingOf(explanation),
		};
	});
}

function missingOf({ methods }: TextExplanation): Record<string, string> {
	return Object.fromEntries(methods.flatMap(({ method, missing }) => (missing === null ? [] : [[method, missing]])));
}
