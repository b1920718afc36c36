/** A large model of zeros (a file with holes) with the calibration of a made-up machine. */
import {
	closeSync,
	cpSync,
	ftruncateSync,
	mkdtempSync,
	openSync,
	readFileSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { noteMemory } from '../src/cli/engineOptions.ts';
import { createTerminal } from '../src/terminal/channel.ts';
import { UserError } from '../src/core/errors.ts';
import { type MeasureDevice, recalibrate } from '../src/llm/calibration/calibrate.ts';
import { defaultSettings, type EngineSettings } from '../src/llm/engineSettings.ts';
import type { LanguageModel } from '../src/llm/languageModel.ts';
import { openLocalModel } from '../src/llm/localModel.ts';
import { readModelConfig } from '../src/llm/models/config.ts';
import { familyOf } from '../src/llm/models/families.ts';
import { parameterShapes } from '../src/llm/models/loadDecoder.ts';

const folder = largeModel();
const place = { folder, adapter: null };

/** tiny-instruct's shape and tokenizer, with a vocabulary that takes 256 MiB. */
function largeModel(): string {
	const made = mkdtempSync(join(tmpdir(), 'large-'));
	cpSync('models/tiny-instruct', made, { recursive: true });
	const config = JSON.parse(readFileSync(join(made, 'config.json'), 'utf8')) as { hidden_size: number };
	const changed = { ...config, vocab_size: 2 ** 26 / config.hidden_size };
	writeFileSync(join(made, 'config.json'), JSON.stringify(changed));
	const read = readModelConfig(made);
	let end = 0;
	const tensors = [...parameterShapes(familyOf(read), read)].map(([name, shape]) => {
		const start = end;
		end += 4 * shape.map(Number).reduce((a, b) => a * b, 1);
		return [name, { dtype: 'F32', shape, data_offsets: [start, end] }];
	});
	const header = Buffer.from(JSON.stringify(Object.fromEntries(tensors)));
	const length = Buffer.alloc(8);
	length.writeBigUInt64LE(BigInt(header.length));
	const file = openSync(join(made, 'model.safetensors'), 'w');
	writeSync(file, Buffer.concat([length, header]));
	ftruncateSync(file, 8 + header.length + end);
	closeSync(file);
	return made;
}

/** On this machine the named device is ten times as fast as the CPU, and short runs are the fastest. */
async function calibrated(fast: string): Promise<EngineSettings> {
	const cacheFolder = mkdtempSync(join(tmpdir(), 'cache-'));
	const measure: MeasureDevice = async ({ device }) => {
		const factor = device === fast ? 1 : 10;
		const times = (known: number) => [
			{ choice: known, microseconds: [4 * factor] },
			{ choice: 256, microseconds: [factor] },
		];
		return {
			threads: [{ choice: null, microseconds: [1] }],
			...{ forward: times(1024), gradient: times(512) },
		};
	};
	await recalibrate(cacheFolder, measure);
	return { ...defaultSettings, calibrate: true, cacheFolder };
}

function noteOf(settings: EngineSettings, model: LanguageModel): string {
	let text = '';
	const stream = { write: (more: string) => (text += more) };
	noteMemory(createTerminal(stream, stream, {}, []).notes, settings, model);
	return text.replaceAll(/\s+/gu, ' ');
}

it('is computed as was measured, and says so', async () => {
	const settings = await calibrated('cpu');
	const model = await openLocalModel('large', place, settings);
	expect(model.tuning).toEqual({ device: 'cpu', threads: null, runs: { forward: 256, gradient: 256 }, measured: true });
	expect(noteOf(settings, model)).toContain(
		'computed on cpu with 256 tokens at a time, 256 backward (what was fastest when this machine was measured)',
	);
	await model.close();
});

it('names the way out where the card that was chosen cannot be used', async () => {
	const opening = openLocalModel('large', place, await calibrated('cuda'));
	await expect(opening).rejects.toThrow(UserError);
	await expect(opening).rejects.toThrow(/large: cannot be opened with cuda, .* Take --device cpu, or measure again/u);
});

it('is computed with the known defaults on a device that was named', async () => {
	const settings: EngineSettings = { ...(await calibrated('cuda')), device: 'cpu' };
	const model = await openLocalModel('large', place, settings);
	expect(noteOf(settings, model)).toContain('computed on cpu with 1024 tokens at a time, 512 backward');
	expect(noteOf(settings, model)).not.toContain('measured');
	await model.close();
});
