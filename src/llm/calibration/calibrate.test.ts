/** When this machine is measured, and what is kept of it. Times are made up but in the last tests, which measure. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { UserError } from '../../core/errors.ts';
import { createSession } from '../../engine/onnx/session.ts';
import { defaultSettings } from '../engineSettings.ts';
import { engineCrash } from '../process/engineCrash.ts';
import { floatsOf } from '../graphs/feeds.ts';
import { calibrationIn, keptCalibration, type MeasureDevice, recalibrate, tuningFor } from './calibrate.ts';
import { type DeviceTimes, tuningOf } from './calibration.ts';
import { sampleDecoder, writeSampleWeights } from './sampleDecoder.ts';
import { forwardPass, gradientPass } from './samplePasses.ts';
import { defaultTuning } from '../tuning.ts';
import { measureInProcess } from './measureInProcess.ts';

const large = 2 ** 30;
const emptyFolder = (): string => mkdtempSync(join(tmpdir(), 'calibration-'));
const times = (factor: number): DeviceTimes => ({
	threads: [{ choice: null, microseconds: [10 * factor] }],
	forward: [512, 1024].map((choice) => ({ choice, microseconds: [(choice * factor) / 100] })),
	gradient: [512, 1024].map((choice) => ({ choice, microseconds: [30 * factor] })),
});

/** A machine with a card that is there and fast, and one that is not there. */
function machine() {
	const asked: string[] = [];
	const measure: MeasureDevice = async ({ device, folder }) => {
		asked.push(device);
		expect(existsSync(folder)).toBe(true);
		if (device === 'cuda') throw engineCrash('SIGSEGV', 'measure');
		return times(device === 'webgpu' ? 0.1 : 1);
	};
	return { asked, measure };
}

it('measures each device once and keeps the result', async () => {
	const [folder, { asked, measure }] = [emptyFolder(), machine()];
	expect(keptCalibration(folder)).toBeNull();
	const first = await calibrationIn(folder, measure);
	expect(asked).toEqual(['cpu', 'webgpu', 'cuda']);
	expect(await calibrationIn(folder, measure)).toEqual(first);
	expect(keptCalibration(folder)).toEqual(first);
	expect(asked).toHaveLength(3);
	await recalibrate(folder, measure);
	expect(asked).toHaveLength(6);
	expect(readdirSync(join(folder, 'calibration'))).toHaveLength(1);
});

it('a driver that ends its process is out, and nothing else happens', async () => {
	const { devices } = await calibrationIn(emptyFolder(), machine().measure);
	expect(devices.cuda).toEqual({ problem: 'Its driver ended the process.' });
	expect(devices.webgpu).toHaveProperty('forward');
});

it.each(['', '{"format":1}', '{"format":1,"devices":', 'null'])('makes a damaged file anew: %j', async (text) => {
	const [folder, { measure }] = [emptyFolder(), machine()];
	const whole = await calibrationIn(folder, measure);
	const [name = ''] = readdirSync(join(folder, 'calibration'));
	writeFileSync(join(folder, 'calibration', name), text);
	expect(keptCalibration(folder)).toBeNull();
	expect(await calibrationIn(folder, measure)).toEqual(whole);
	expect(JSON.parse(readFileSync(join(folder, 'calibration', name), 'utf8'))).toEqual(whole);
});

it('large models with an open device take what was measured; all others the defaults', async () => {
	const [cacheFolder, { measure }] = [emptyFolder(), machine()];
	const measured = tuningOf(await calibrationIn(cacheFolder, measure));
	expect(measured).toMatchObject({ device: 'webgpu', runs: { forward: 512, gradient: 512 } });
	const settings = { ...defaultSettings, calibrate: true, cacheFolder };
	expect(await tuningFor(settings, large)).toEqual({ ...measured, measured: true });
	const known = { ...defaultTuning, measured: false };
	expect(await tuningFor(settings, 2e6)).toEqual(known);
	expect(await tuningFor({ ...settings, calibrate: false }, large)).toEqual(known);
	expect(await tuningFor({ ...settings, device: 'cuda' }, large)).toEqual({ ...known, device: 'cuda' });
});

it('where nothing can be kept nothing is measured: the numbers would not come again', async () => {
	const file = join(emptyFolder(), 'file');
	writeFileSync(file, '');
	await expect(calibrationIn(file, machine().measure)).rejects.toThrow(UserError);
	const settings = { ...defaultSettings, calibrate: true, cacheFolder: file };
	expect(await tuningFor(settings, large)).toEqual({ ...defaultTuning, measured: false });
});

it('results are bitwise the same with any number of threads', async () => {
	const folder = emptyFolder();
	writeSampleWeights(folder);
	const { decoder, place } = sampleDecoder();
	for (const { graph, feeds, output } of [forwardPass(decoder), gradientPass(decoder)]) {
		const found: Float32Array[] = [];
		for (const threads of [null, 1, 2, 3]) {
			const session = await createSession(graph, { weightsFolder: folder, place, prepack: false, threads });
			found.push(floatsOf(await session.run(feeds(256), [output]), output));
			await session.release();
		}
		expect(found[0]?.some((value) => Math.abs(value) > 0)).toBe(true);
		for (const other of found.slice(1)) expect(other).toEqual(found[0]);
	}
}, 60_000);

it('measures every candidate in turns, in a process of its own', async () => {
	const folder = emptyFolder();
	writeSampleWeights(folder);
	const found = await measureInProcess({ device: 'cpu', folder, toBeat: Infinity }, 100_000);
	expect(found.threads.map(({ choice }) => choice)).toContain(null);
	expect(found.forward.map(({ choice }) => choice)).toEqual([256, 512, 1024, 2048]);
	expect(found.gradient.map(({ choice }) => choice)).toEqual([256, 512, 1024]);
	for (const { microseconds } of [...found.threads, ...found.forward, ...found.gradient]) {
		expect(microseconds).toHaveLength(3);
		expect(Math.min(...microseconds)).toBeGreaterThan(0);
	}
}, 120_000);

it('gives up a device that is far too slow, or that does not answer', async () => {
	const folder = emptyFolder();
	writeSampleWeights(folder);
	await expect(measureInProcess({ device: 'cpu', folder, toBeat: 1e-6 }, 100_000)).rejects.toThrow('Too slow');
	await expect(measureInProcess({ device: 'cpu', folder, toBeat: Infinity }, 1)).rejects.toThrow('No answer');
}, 120_000);
