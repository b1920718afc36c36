/** The calibration of this machine: measured once, kept in the cache folder. */
import { createHash } from 'node:crypto';
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeWholeSync } from '../../files/atomicWrite.ts';
import { messageOf, UserError } from '../../core/errors.ts';
import type { Device } from '../../engine/onnx/session.ts';
import { EngineCrash } from '../process/engineCrash.ts';
import { type EngineSettings, isLarge } from '../engineSettings.ts';
import {
	type Calibration,
	calibrationFormat,
	calibrationSchema,
	type DeviceOutcome,
	type DeviceTimes,
	tuningOf,
} from './calibration.ts';
import { threadCandidates } from './cores.ts';
import { writeSampleWeights } from './sampleDecoder.ts';
import { type ChosenTuning, defaultTuning } from '../tuning.ts';
import { measureInProcess } from './measureInProcess.ts';

/** What measures a device; tests hand in their own. */
export type MeasureDevice = typeof measureInProcess;

/**
 * Returns what a model with weights of so many bytes is computed with: the calibration of this machine, made now where
 * there is none, if the settings ask for one and leave the device open; else the defaults. Small models are done before
 * a calibration would be. Where measuring fails the defaults are taken.
 */
export async function tuningFor(
	{ device, calibrate, cacheFolder }: EngineSettings,
	fileBytes: number,
): Promise<ChosenTuning> {
	if (device !== 'auto') return { ...defaultTuning, device, measured: false };
	if (!calibrate || !isLarge(fileBytes)) return { ...defaultTuning, measured: false };
	try {
		return { ...tuningOf(await calibrationIn(cacheFolder)), measured: true };
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		return { ...defaultTuning, measured: false };
	}
}

/** Returns the calibration that the folder keeps, else a new one, which it keeps from now on. Throws what `recalibrate` throws. */
export async function calibrationIn(cacheFolder: string, measure?: MeasureDevice): Promise<Calibration> {
	return keptCalibration(cacheFolder) ?? (await recalibrate(cacheFolder, measure));
}

/** Returns the calibration of this machine in the folder; null where there is none, or one that is damaged. */
export function keptCalibration(cacheFolder: string): Calibration | null {
	try {
		return calibrationSchema.parse(JSON.parse(readFileSync(fileIn(cacheFolder), 'utf8')));
	} catch {
		return null;
	}
}

/**
 * Measures and keeps the result in the folder. Throws a `UserError` where the folder cannot be written or the engine
 * process ends while the CPU is measured.
 */
export async function recalibrate(
	cacheFolder: string,
	measure: MeasureDevice = measureInProcess,
): Promise<Calibration> {
	const file = fileIn(cacheFolder);
	// Tried before time is spent: what cannot be kept would be different the next time.
	writing(file, () => {
		mkdirSync(dirname(file), { recursive: true });
		accessSync(dirname(file), constants.W_OK);
	});
	const calibration = await measureMachine(measure);
	writing(file, () => writeWholeSync(file, [Buffer.from(`${JSON.stringify(calibration)}\n`)]));
	return calibration;
}

/** In milliseconds: a driver that hangs stops nobody. */
const limits = { cpu: 60_000, card: 20_000 };

async function measureMachine(measure: MeasureDevice): Promise<Calibration> {
	const folder = mkdtempSync(join(tmpdir(), 'rationale-calibration-'));
	try {
		writeSampleWeights(folder);
		const cpu = await measure({ device: 'cpu', folder, toBeat: Infinity }, limits.cpu);
		const toBeat = Math.min(...cpu.forward.flatMap(({ microseconds }) => microseconds));
		const card = (device: Device): Promise<DeviceOutcome> =>
			measure({ device, folder, toBeat }, limits.card).catch(problemOf);
		return { format: calibrationFormat, devices: { cpu, webgpu: await card('webgpu'), cuda: await card('cuda') } };
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** Whatever a driver does, the CPU remains. */
function problemOf(error: unknown): Exclude<DeviceOutcome, DeviceTimes> {
	return { problem: error instanceof EngineCrash ? 'Its driver ended the process.' : messageOf(error) };
}

/** Another processor, another number of cores, another onnxruntime: another file. */
function fileIn(cacheFolder: string): string {
	const { platform, arch } = process;
	const processors = cpus().map(({ model }) => model);
	const machine = [calibrationFormat, platform, arch, processors, threadCandidates(), engineVersion()];
	const hash = createHash('sha256').update(JSON.stringify(machine));
	return join(cacheFolder, 'calibration', `${hash.digest('hex').slice(0, 16)}.json`);
}

/** Without loading it: only the engine process needs it. */
function engineVersion(): string {
	const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
	return version;
}

function writing(file: string, write: () => void): void {
	try {
		write();
	} catch (error) {
		throw new UserError(
			`${file}: cannot be written to keep what was measured (${messageOf(error)}). RATIONALE_CACHE names another folder.`,
		);
	}
}
