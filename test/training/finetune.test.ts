/** Fine-tuning a bundled model: what is written, and that a stopped training ends as an undisturbed one. */
import { fork } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DATASETS } from '../../src/datasets/datasets.ts';
import { loadDecoder } from '../../src/llm/models/loadDecoder.ts';
import { modelPlace } from '../../src/llm/openModel.ts';
import { type Finetuned, finetune } from '../../src/training/finetune.ts';
import type { TrainingEstimate } from '../../src/training/trainingEstimate.ts';
import { quietly, smallTraining } from '../support/smallTraining.ts';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'finetune-'));

/** Returns the bytes of the weights after an epoch. */
function weightsOf(folder: string, epoch: number): Buffer {
	const path = join(folder, `epoch-0${epoch}`);
	const file = readdirSync(path).find((name) => name.endsWith('.safetensors')) ?? '';
	return readFileSync(join(path, file));
}

const settings = { adapter: {}, whole: { weights: 'all', checkpointMinutes: 1e-9 } };

describe.each(['adapter', 'whole'] as const)('training (%s)', (kind) => {
	const undisturbed = newFolder();
	let plan: TrainingEstimate | undefined;
	let result: Finetuned | undefined;

	it('learns, and writes a model per epoch', async () => {
		result = await finetune(smallTraining(undisturbed, settings[kind]), quietly({ onPlan: (found) => (plan = found) }));
		expect(plan).toMatchObject({ sequences: 20, validation: 5, steps: 10, stepsDone: 0 });
		expect(result.results.map(({ epoch, step }) => [epoch, step])).toEqual([
			[0, 0],
			[1, 5],
			[2, 10],
		]);
		const [, first, second] = result.results;
		expect(second?.loss).toBeLessThan(first?.loss ?? 0);
		expect(result.epochs).toHaveLength(2);
		for (const { place } of result.epochs) expect(() => loadDecoder(place.folder, place.adapter)).not.toThrow();
		expect(modelPlace(join(undisturbed, 'epoch-02')).adapter === null).toBe(kind === 'whole');
		expect(weightsOf(undisturbed, 1).equals(weightsOf(undisturbed, 2))).toBe(false);
	});

	it('does nothing when it was finished', async () => {
		let steps = 0;
		const again = await finetune(smallTraining(undisturbed, settings[kind]), quietly({ onStep: () => (steps += 1) }));
		expect(steps).toBe(0);
		expect(again).toEqual(result);
	});

	it('goes on after kill -9 and ends with the same weights', async () => {
		const folder = newFolder();
		const child = fork('test/support/trainingChild.ts', [folder, JSON.stringify(settings[kind])], {
			execArgv: ['--import', 'tsx'],
		});
		await new Promise((resolve) => {
			child.on('message', (step) => Number(step) >= 7 && child.kill('SIGKILL'));
			child.once('exit', resolve);
		});
		expect(child.signalCode).toBe('SIGKILL');
		let done: number | undefined;
		await finetune(smallTraining(folder, settings[kind]), quietly({ onPlan: ({ stepsDone }) => (done = stepsDone) }));
		expect(done).toBeGreaterThanOrEqual(5);
		for (const epoch of [1, 2]) expect(weightsOf(folder, epoch).equals(weightsOf(undisturbed, epoch))).toBe(true);
		expect(readFileSync(join(folder, 'training.json'), 'utf8')).toBe(
			readFileSync(join(undisturbed, 'training.json'), 'utf8'),
		);
	}, 60_000);
});

describe('what cannot be trained', () => {
	const refusal = async (change: object, more: object = {}): Promise<string> => {
		const request = { ...smallTraining(newFolder(), change), ...more };
		return await finetune(request, quietly()).then(
			() => 'accepted',
			(error: Error) => error.message,
		);
	};
	const [{ name, task, examples }] = smallTraining('').data as [ReturnType<typeof smallTraining>['data'][number]];

	it('labels that the data does not hold, and labels that the task does not have', async () => {
		const few = examples.filter(({ label }) => label !== 'nurse');
		expect(await refusal({}, { data: [{ name, task, examples: few }] })).toContain(
			'has the label "nurse", so it cannot be learnt. The data holds',
		);
		const strange = examples.map((example) => ({ ...example, label: 'pilot' }));
		expect(await refusal({}, { data: [{ name, task, examples: strange }] })).toContain('has the label "pilot"');
	});

	it('texts that are too long, unless they are to be shortened', async () => {
		const long = DATASETS['planted-bios'].load('train', { limit: 10, seed: 1 }).map((example, i) => {
			const [segment] = example.segments;
			if (i > 0 || segment === undefined) return example;
			const text = `${segment.text} ${'She likes long walks by the sea. '.repeat(400)}`.trim();
			const words = [...text.matchAll(/\S+/gu)].map((match) => ({
				start: match.index,
				end: match.index + match[0].length,
			}));
			return { ...example, segments: [{ ...segment, text, words }] };
		});
		const data = [{ name, task, examples: long }];
		expect(await refusal({ validation: 0 }, { data })).toMatch(
			/takes \d+ tokens, the model reads 1024.*tooLong: truncate/u,
		);
		let plan: TrainingEstimate | undefined;
		const request = { ...smallTraining(newFolder(), { tooLong: 'truncate', epochs: 1, validation: 0 }), data };
		await finetune(request, quietly({ onPlan: (found) => (plan = found) }));
		expect(plan?.truncated).toEqual([long[0]?.id]);
	});

	it('a loss that is not a number: says where, keeps the checkpoint', async () => {
		const folder = newFolder();
		const wild = smallTraining(folder, { weights: 'all', learningRate: 1e30, clip: null, warmUp: 0 });
		await expect(finetune(wild, quietly())).rejects.toThrow(
			/is (NaN|Infinity) at step \d+ \(epoch 1\), in the batch of 4 examples: planted/u,
		);
		expect(readdirSync(folder)).toEqual(['checkpoint.safetensors']);
	});

	it('an early stop without held-out examples', async () => {
		expect(await refusal({ patience: 2, validation: 0.001 })).toContain('"validation" (0.001) holds out no example');
	});

	it('a projection that the model does not have', async () => {
		expect(await refusal({ lora: { targets: ['query'] } })).toContain(
			'the model has no projection "query". It has q_proj',
		);
	});

	it('settings of another training than the checkpoint', async () => {
		const folder = newFolder();
		const controller = new AbortController();
		const stop = quietly({ onStep: () => controller.abort(), signal: controller.signal });
		await expect(finetune(smallTraining(folder), stop)).rejects.toThrow('A checkpoint is saved');
		await expect(finetune(smallTraining(folder, { learningRate: 1e-4 }), quietly())).rejects.toThrow(
			'of another training',
		);
	});

	it('an epoch whose model was deleted', async () => {
		const folder = newFolder();
		await finetune(smallTraining(folder, { epochs: 1 }), quietly());
		rmSync(join(folder, 'epoch-01'), { recursive: true });
		await expect(finetune(smallTraining(folder, { epochs: 1 }), quietly())).rejects.toThrow(
			'the model of epoch 1 is not there',
		);
	});
});
