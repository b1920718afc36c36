/**
 * A training on disk: one file with parameters, moments and place, written whole or not at all, so that a crash leaves
 * the last checkpoint. Everything is float32, as it is in memory: training goes on with the same numbers.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { messageOf, UserError } from '../core/errors.ts';
import { parseJson } from '../llm/weights/jsonFile.ts';
import { readAsFloat32, readSafetensorsHeader } from '../llm/weights/safetensors.ts';
import { type TensorToWrite, writeSafetensors } from '../llm/weights/safetensorsWriter.ts';
import { float32Tensors } from '../llm/adapters/adapterWriter.ts';
import type { LoopState } from './loop.ts';
import type { TrainerState } from './trainer.ts';

const count = z.int().min(0);
const placeSchema = z.object({
	/** Hash of all that decides the training; a checkpoint of another one is of no use. */
	identity: z.string(),
	trainerSteps: count,
	state: z.object({
		epoch: count,
		position: count,
		lossSum: z.number(),
		step: count,
		results: z.array(
			z.object({
				epoch: count,
				step: count,
				loss: z.number().nullable(),
				validationLoss: z.number().nullable(),
				validationAccuracy: z.number().nullable(),
			}),
		),
	}),
});

const parts = ['parameter', 'first', 'second'] as const;

/** Writes a checkpoint in the place of the one before. Throws `UserError` when the disk is full; the old one then stays. */
export function writeCheckpoint(file: string, identity: string, state: LoopState, trainer: TrainerState): void {
	const tensors: Record<string, TensorToWrite> = {};
	for (const [name, { shape, data }] of trainer.parameters) {
		const { first, second } = trainer.moments.get(name) as { first: Float32Array; second: Float32Array };
		const all = { [`parameter.${name}`]: data, [`first.${name}`]: first, [`second.${name}`]: second };
		Object.assign(
			tensors,
			float32Tensors(new Map(Object.entries(all).map(([key, values]) => [key, { shape, data: values }]))),
		);
	}
	try {
		writeSafetensors(file, tensors, { place: JSON.stringify({ identity, trainerSteps: trainer.steps, state }) });
	} catch (error) {
		const kept = existsSync(file) ? ' The checkpoint before it is kept; the same command goes on from there.' : '';
		throw new UserError(`${messageOf(error)}${kept}`, { cause: error });
	}
}

/**
 * Returns the checkpoint of a training, or null where there is none. Leftovers of writes that a crash cut off are removed.
 * Throws `UserError` for one of another training.
 */
export function readCheckpoint(file: string, identity: string): { state: LoopState; trainer: TrainerState } | null {
	removeLeftOvers(file);
	if (!existsSync(file)) return null;
	const { tensors, metadata } = readSafetensorsHeader(file);
	const place = parseJson(file, metadata['place'] ?? '', placeSchema);
	if (place.identity !== identity) {
		throw new UserError(
			`${file}: this checkpoint is of another training (other data, model or settings). ` +
				'Give the settings it was made with, another --out folder, or delete the file to begin anew.',
		);
	}
	const entries = new Map(tensors.map((entry) => [entry.name, entry]));
	const names = tensors.flatMap(({ name }) => (name.startsWith('parameter.') ? [name.slice('parameter.'.length)] : []));
	const read = (part: (typeof parts)[number], name: string) => {
		const entry = entries.get(`${part}.${name}`);
		if (entry === undefined)
			throw new UserError(`${file}: "${part}.${name}" is missing. Delete the file to begin anew.`);
		return { shape: entry.shape, data: readAsFloat32(entry) };
	};
	const moments = names.map((name): [string, { first: Float32Array; second: Float32Array }] => [
		name,
		{ first: read('first', name).data, second: read('second', name).data },
	]);
	const parameters = new Map(names.map((name) => [name, read('parameter', name)]));
	return { state: place.state, trainer: { steps: place.trainerSteps, parameters, moments: new Map(moments) } };
}

/** Temporary files of `writeSafetensors`. */
function removeLeftOvers(file: string): void {
	const folder = dirname(file);
	if (!existsSync(folder)) return;
	const mine = (name: string): boolean => name.startsWith(`.${basename(file)}.`) && name.endsWith('.tmp');
	for (const name of readdirSync(folder).filter(mine)) rmSync(join(folder, name), { force: true });
}
