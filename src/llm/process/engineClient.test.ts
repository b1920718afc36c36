/** The engine process on fixtures/llama3, against the logits and gradients that transformers gave. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { InternalError, InterruptedError, UserError } from '../../core/errors.ts';
import { EngineCrash } from './engineCrash.ts';
import { itemsListed } from '../generation/listConstraint.ts';
import { readAsFloat32, readSafetensorsHeader, readTensor } from '../weights/safetensors.ts';
import { createEngine } from './engine.ts';
import { type EngineProcess, startEngine } from './engineClient.ts';

const folder = 'fixtures/llama3';
const options = { folder, endTokens: [], maxTokens: 64, prepack: false };
const entries = new Map(
	readSafetensorsHeader(join(folder, 'expected.safetensors')).tensors.map((entry) => [entry.name, entry]),
);
const floats = (name: string): Float32Array => readAsFloat32(entries.get(name) as never);
const integers = (name: string): number[] => Array.from(readTensor(entries.get(name) as never), Number);
const prompts = [integers('a.input_ids'), integers('b.input_ids')] as const;
const vocabulary = 160;

let engine: EngineProcess;
beforeAll(async () => {
	engine = await startEngine(options);
});
afterAll(() => engine.close());

function lastLogProbabilities(sequence: 'a' | 'b'): number[] {
	const row = [...floats(`${sequence}.logits`)].slice(-vocabulary);
	const total = Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0));
	return row.map((z) => z - total);
}

/** Within 1e-4 of the value, or of 1 for small ones. */
function expectNear(actual: number | undefined, expected: number): void {
	expect(Math.abs((actual ?? Number.NaN) - expected)).toBeLessThan(1e-4 * Math.max(1, Math.abs(expected)));
}

it('scores labels by their first tokens in one batch of prompts of different lengths', async () => {
	const scores = await engine.scoreLabels(prompts, [[5], [9], [17]]);
	for (const [i, sequence] of (['a', 'b'] as const).entries()) {
		const expected = lastLogProbabilities(sequence);
		for (const [c, token] of [5, 9, 17].entries()) {
			expect(scores[i]?.logProbabilities[c]).toBeCloseTo(expected[token] as number, 4);
		}
		const mass = [5, 9, 17].reduce((sum, token) => sum + Math.exp(expected[token] as number), 0);
		expect(scores[i]?.mass).toBeCloseTo(mass, 5);
	}
});

it('tells the likeliest first tokens of the pass that scores labels', async () => {
	for (const labels of [
		[[5], [9]],
		[
			[5, 9],
			[5, 17, 3],
		],
	]) {
		const scores = await engine.scoreLabels(prompts, labels, { likeliest: 5 });
		for (const [i, sequence] of (['a', 'b'] as const).entries()) {
			const expected = lastLogProbabilities(sequence);
			const best = [...expected.keys()].toSorted((a, b) => (expected[b] ?? 0) - (expected[a] ?? 0));
			expect(scores[i]?.likeliest?.map(({ token }) => token)).toEqual(best.slice(0, 5));
			for (const { token, logProbability } of scores[i]?.likeliest ?? [])
				expectNear(logProbability, expected[token] ?? 0);
		}
	}
});

it('gives a label the sum over the answers that stand for it', async () => {
	const labelOf = [0, 1, 0];
	const scores = await engine.scoreLabels(prompts, [[5], [9], [17]], { labelOf });
	for (const [i, sequence] of (['a', 'b'] as const).entries()) {
		const at = (token: number): number => lastLogProbabilities(sequence)[token] as number;
		expectNear(scores[i]?.logProbabilities[0], Math.log(Math.exp(at(5)) + Math.exp(at(17))));
		expectNear(scores[i]?.logProbabilities[1], at(9));
		expect(scores[i]?.mass).toBeCloseTo(Math.exp(at(5)) + Math.exp(at(17)) + Math.exp(at(9)), 5);
		for (const [a, token] of [5, 9, 17].entries()) expectNear(scores[i]?.answers?.[a], at(token));
	}
});

it('computes a common beginning once and gets the same scores', async () => {
	const beginning = prompts[1].slice(0, 12);
	const together = [[3, 4], [5], [6, 7, 8]].map((rest) => [...beginning, ...rest]);
	const shared = await engine.scoreLabels(together, [[5], [9]]);
	for (const [i, prompt] of together.entries()) {
		const [alone] = await engine.scoreLabels([prompt], [[5], [9]]);
		for (const c of [0, 1]) expectNear(shared[i]?.logProbabilities[c], alone?.logProbabilities[c] as number);
	}
});

it('scores labels that share their first token by their whole sequence', async () => {
	const [prompt] = prompts;
	const labels = [
		[5, 9],
		[5, 17, 3],
	];
	const [scores] = await engine.scoreLabels([prompt], labels);
	for (const [c, label] of labels.entries()) {
		let expected = 0;
		for (const [j, token] of label.entries()) {
			const [step] = await engine.scoreLabels([[...prompt, ...label.slice(0, j)]], [[token]]);
			expected += step?.logProbabilities[0] as number;
		}
		expect(scores?.logProbabilities[c]).toBeCloseTo(expected, 4);
	}
});

it('reduces attention and gradients to one number per token', async () => {
	const target = integers('target')[0] as number;
	const outputs = ['attention', 'gradient.l1', 'gradient.l2', 'gradientXInput.dot', 'gradientXInput.l2'] as const;
	const targets = prompts.map(() => ({ tokens: [target], weights: [1] }));
	const passes = await engine.attribute(prompts, targets, outputs);
	for (const [i, sequence] of (['a', 'b'] as const).entries()) {
		const [gradient, embeds] = [floats(`${sequence}.grad_logit`), floats(`${sequence}.embeds`)];
		const length = (prompts[i] as readonly number[]).length;
		const width = gradient.length / length;
		for (let t = 0; t < length; t++) {
			const g = gradient.subarray(t * width, (t + 1) * width);
			const x = embeds.subarray(t * width, (t + 1) * width);
			const product = g.map((value, k) => value * (x[k] as number));
			const sum = (values: Float32Array): number => values.reduce((a, b) => a + b, 0);
			expectNear(passes[i]?.['gradient.l1']?.[t], sum(g.map(Math.abs)));
			expectNear(passes[i]?.['gradient.l2']?.[t], Math.hypot(...g));
			expectNear(passes[i]?.['gradientXInput.dot']?.[t], sum(product));
			expectNear(passes[i]?.['gradientXInput.l2']?.[t], Math.hypot(...product));
		}
		const attentions = floats(`${sequence}.attentions`); // [L, H, T, T]
		const heads = 6;
		const lastRow = (h: number, t: number): number =>
			attentions[((2 * heads + h) * length + length - 1) * length + t] as number;
		for (let t = 0; t < length; t++) {
			const mean = Array.from({ length: heads }, (_, h) => lastRow(h, t)).reduce((a, b) => a + b, 0) / heads;
			expect(passes[i]?.attention?.[t]).toBeCloseTo(mean, 5);
		}
	}
});

it('generates for prompts of different lengths what each gets alone', async () => {
	const generated = await engine.generate(prompts, { maxNewTokens: 8 });
	expect(generated.map(({ ids }) => ids)).toEqual([integers('a.greedy'), integers('b.greedy')]);
	expect(generated.map(({ ended }) => ended)).toEqual(['length', 'length']);
});

it('reports the probabilities of new tokens and tells of each one as it comes', async () => {
	const told: number[][] = prompts.map(() => []);
	const options = { maxNewTokens: 4, alternatives: 5 };
	const generated = await engine.generate(prompts, options, {
		onToken: (prompt, token) => told[prompt]?.push(token),
	});
	for (const [i, sequence] of (['a', 'b'] as const).entries()) {
		const { ids, reports = [] } = generated[i] ?? { ids: [] };
		expect(told[i]).toEqual(ids);
		expect(reports.map(({ token }) => token)).toEqual(ids);
		const expected = lastLogProbabilities(sequence);
		const best = expected.map((_, token) => token).toSorted((a, b) => (expected[b] ?? 0) - (expected[a] ?? 0));
		expect(reports[0]?.alternatives.map(({ token }) => token)).toEqual(best.slice(0, 5));
		expectNear(reports[0]?.logProbability, expected[ids[0] as number] as number);
	}
});

it('draws the same tokens again for the same seed, others for another', async () => {
	const drawn = async (seed: number) =>
		(await engine.generate(prompts, { maxNewTokens: 8, sampling: { temperature: 1, topP: 1, seed } })).map(
			({ ids }) => ids,
		);
	const first = await drawn(1);
	expect(await drawn(1)).toEqual(first);
	expect(await drawn(2)).not.toEqual(first);
	const [alone] = await engine.generate([prompts[0]], {
		maxNewTokens: 8,
		sampling: { temperature: 1, topP: 1, seed: 1 },
	});
	expect(alone?.ids).toEqual(first[0]);
});

it('generates nothing but lists of the items, whatever the model would rather say', async () => {
	const items = [[5], [5, 6], [7, 8, 9], [10]].map((tokens, i) => ({ tokens, times: i === 0 ? 2 : 1 }));
	const constraint = { open: [1, 2], items, between: [3], close: [4], most: 4 };
	const [long, short] = [await constrained(30), await constrained(5)];
	for (const { ids, ended } of [...long, ...short]) {
		expect(ended).toBe('stop');
		expect(ids.slice(0, 2)).toEqual([1, 2]);
		expect(ids.at(-1)).toBe(4);
		const listed = itemsListed(constraint, ids);
		const written = listed.flatMap((item, i) => [...(i === 0 ? [] : [3]), ...(items[item]?.tokens ?? [])]);
		expect(ids).toEqual([1, 2, ...written, 4]);
	}
	expect(short.every(({ ids }) => ids.length <= 5)).toBe(true);
	expect((await constrained(3))[0]).toEqual({ ids: [], ended: 'length' });

	function constrained(maxNewTokens: number) {
		return engine.generate(prompts, { maxNewTokens, constraints: prompts.map(() => constraint) });
	}
});

it('hands user errors through and fails calls under way when it is closed', async () => {
	await expect(startEngine({ ...options, folder: 'fixtures/nowhere' })).rejects.toThrow(UserError);
	const other = await startEngine(options);
	const call = other.scoreLabels(prompts, [[1]]).catch((error: unknown) => error);
	await other.close();
	expect(await call).toBeInstanceOf(InternalError);
	await expect(other.generate(prompts, { maxNewTokens: 1 })).rejects.toThrow('the engine process ended');
});

it('tells what was under way when the process is killed, and starts another one for the next call', async () => {
	const other = await startEngine(options);
	const before = await other.scoreLabels(prompts, [[5], [9]]);
	const call = other.scoreLabels(prompts, [[5], [9]]).catch((error: unknown) => error);
	await Promise.resolve();
	process.kill(other.processId() as number, 'SIGKILL');
	const error = await call;
	expect(error).toBeInstanceOf(EngineCrash);
	const longest = Math.max(...prompts.map(({ length }) => length));
	expect(String(error)).toContain(`SIGKILL) while it ran scoreLabels on 2 texts of up to ${longest} tokens`);
	expect(await other.scoreLabels(prompts, [[5], [9]])).toEqual(before);
	await other.close();
});

it.runIf(hasProgram('prlimit'))(
	'tells that it got no more memory, and starts another one for the next call',
	{ timeout: 60_000 },
	async () => {
		const other = await startEngine({ ...options, maxTokens: 4096 });
		const first = await other.scoreLabels([prompts[0]], [[5], [9]]);
		const id = other.processId() as number;
		const size = Number(/VmSize:\s+(\d+)/u.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]) * 1024;
		execFileSync('prlimit', ['--pid', String(id), `--as=${size + 2 ** 25}`]);
		const long = Array.from({ length: 4000 }, (_, i) => i % vocabulary);
		const error = await other.attribute([long], [{ tokens: [5], weights: [1] }], ['gradient.l1']).catch((e) => e);
		expect(error).toBeInstanceOf(EngineCrash);
		expect(String(error)).toContain('while it ran attribute on 1 texts of up to 4000 tokens');
		expect(String(error)).toContain('--memory');
		expect(await other.scoreLabels([prompts[0]], [[5], [9]])).toEqual(first);
		expect(other.processId()).not.toBe(id);
		await other.close();
	},
);

it('starts one process for all calls that come after it was killed', { timeout: 30_000 }, async () => {
	const before = childrenOf(process.pid).length;
	const other = await killedEngine();
	const results = await Promise.all([1, 2, 3].map(() => other.scoreLabels(prompts, [[5], [9]])));
	expect(results[2]).toEqual(results[0]);
	expect(childrenOf(process.pid)).toHaveLength(before + 1);
	await other.close();
	expect(childrenOf(process.pid)).toHaveLength(before);
});

it('is closed while it starts again', { timeout: 30_000 }, async () => {
	const before = childrenOf(process.pid).length;
	const other = await killedEngine();
	const call = other.scoreLabels(prompts, [[5]]).catch((error: unknown) => error);
	expect(childrenOf(process.pid)).toHaveLength(before + 1);
	await other.close();
	expect(childrenOf(process.pid)).toHaveLength(before);
	expect(await call).toBeInstanceOf(InternalError);
});

it('ends when the signal is aborted, before the model is open and after', { timeout: 30_000 }, async () => {
	const before = childrenOf(process.pid).length;
	const controller = new AbortController();
	const opening = startEngine(options, controller.signal).catch((error: unknown) => error);
	expect(childrenOf(process.pid)).toHaveLength(before + 1);
	controller.abort();
	expect(await opening).toBeInstanceOf(InterruptedError);
	expect(childrenOf(process.pid)).toHaveLength(before);
	await expect(startEngine(options, controller.signal)).rejects.toThrow(InterruptedError);

	const later = new AbortController();
	const other = await startEngine(options, later.signal);
	const call = other.scoreLabels(prompts, [[5]]).catch((error: unknown) => error);
	later.abort();
	expect(await call).toBeInstanceOf(InternalError);
	expect(childrenOf(process.pid)).toHaveLength(before);
});

it('leaves no process behind, however often it is opened and closed', { timeout: 60_000 }, async () => {
	const before = childrenOf(process.pid).length;
	for (let round = 0; round < 5; round++) await (await startEngine(options)).close();
	expect(childrenOf(process.pid)).toHaveLength(before);
});

it('ends in the middle of a run when its parent is killed', { timeout: 30_000 }, async () => {
	const parent = spawn(process.execPath, ['--import', 'tsx', 'test/support/engineParent.ts']);
	const engineId = await new Promise<number>((resolve) =>
		parent.stdout.once('data', (text: Buffer) => resolve(Number(text.toString()))),
	);
	parent.kill('SIGKILL');
	await vi.waitFor(() => expect(isRunning(engineId)).toBe(false), { timeout: 10_000 });
});

function hasProgram(name: string): boolean {
	return spawnSync(name, ['--version']).status === 0;
}

/** Returns an engine whose process was killed and has said so. */
async function killedEngine(): Promise<EngineProcess> {
	const killed = await startEngine(options);
	const call = killed.scoreLabels(prompts, [[5]]).catch((error: unknown) => error);
	await Promise.resolve();
	process.kill(killed.processId() as number, 'SIGKILL');
	expect(await call).toBeInstanceOf(EngineCrash);
	return killed;
}

/** Returns the numbers of the engine processes that run below a process. */
function childrenOf(id: number): number[] {
	return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,state=,args='], { encoding: 'utf8' })
		.split('\n')
		.map((line) => line.trim().split(/\s+/u))
		.filter(([, parent, state, ...command]) => {
			return Number(parent) === id && state !== 'Z' && command.join(' ').includes('engineProcess');
		})
		.map(([own]) => Number(own));
}

/** A process that has ended and that nobody has asked about counts as ended. */
function isRunning(id: number): boolean {
	try {
		process.kill(id, 0);
		return process.platform !== 'linux' || !/^State:\s+Z/mu.test(readFileSync(`/proc/${id}/status`, 'utf8'));
	} catch {
		return false;
	}
}

it('says what a device needs where onnxruntime cannot use it', async () => {
	await expect(startEngine({ ...options, device: 'cuda' })).rejects.toThrow(/--device cuda: .*CUDA 12.*--device cpu/su);
});

describe('a generation that nobody waits for', { timeout: 60_000 }, () => {
	/** Minutes of work. */
	const long = { maxNewTokens: 100_000 };
	const reason = new Error('left');
	const caught = (error: unknown): unknown => error;

	it('ends at the next token, and one that waits never begins', async () => {
		const [first, second] = [new AbortController(), new AbortController()];
		let begin = (): void => undefined;
		const begun = new Promise<void>((resolve) => (begin = resolve));
		const watch = { signal: first.signal, onToken: () => begin() };
		const left = engine.generate([prompts[0]], long, watch).catch(caught);
		await begun;
		const waiting = engine.generate([prompts[1]], long, { signal: second.signal }).catch(caught);
		second.abort(reason);
		first.abort(reason);
		expect(await Promise.all([left, waiting])).toEqual([reason, reason]);
		expect(await engine.scoreLabels([prompts[0]], [[5]])).toHaveLength(1);
	});

	it('does not begin where its signal was aborted before', async () => {
		await expect(engine.generate([prompts[0]], long, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
	});

	it('computes no further token', async () => {
		const own = createEngine(options);
		const controller = new AbortController();
		let told = 0;
		const onToken = (): void => {
			told += 1;
			if (told === 3) controller.abort(reason);
		};
		await expect(own.generate([prompts[0]], { maxNewTokens: 50 }, { signal: controller.signal, onToken })).rejects.toBe(
			reason,
		);
		expect(told).toBe(3);
	});
});
