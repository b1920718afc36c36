/** The calibration of this machine, for `rationale doctor`. */
import { keptCalibration, recalibrate } from '../llm/calibration/calibrate.ts';
import { type Calibration, type DeviceOutcome, timesPerToken, tuningOf } from '../llm/calibration/calibration.ts';
import type { EngineTuning } from '../llm/tuning.ts';
import { alignColumns, wrapText } from '../terminal/layout.ts';
import { cacheFolderOf } from './environment.ts';
import type { Channel, Environment } from '../terminal/channel.ts';

export interface CalibrationFindings {
	/** What large models are computed with under `--device auto`. */
	readonly chosen: EngineTuning;
	/** What was tried on each device, in microseconds per token of two small blocks, by round. */
	readonly devices: Calibration['devices'];
}

/** Returns what was measured on this machine, measured now if asked for; null where it was not measured yet. */
export async function calibrationFindings(
	environment: Environment,
	measureNow: boolean,
): Promise<CalibrationFindings | null> {
	const folder = cacheFolderOf(environment);
	const calibration = measureNow ? await recalibrate(folder) : keptCalibration(folder);
	return calibration === null ? null : { chosen: tuningOf(calibration), devices: calibration.devices };
}

/** Returns the lines of the calibration. */
export function renderCalibration(findings: CalibrationFindings | null, { colours, columns }: Channel): string[] {
	const title = colours.bold('Calibration');
	if (findings === null) {
		const text = 'not measured yet: the first large model does it, or rationale doctor --calibrate';
		return [title, ...wrapText(text, columns, 2), ''];
	}
	const { chosen, devices } = findings;
	const { device, threads, runs } = chosen;
	const rows = [
		['device', colours.green(device)],
		['threads', threads === null ? "onnxruntime's own choice" : String(threads)],
		['tokens at a time', `${runs.forward} forward, ${runs.gradient} backward`],
	];
	return [
		title,
		...alignColumns(rows),
		...Object.entries(devices).flatMap(([name, outcome]) => wrapText(`${name}: ${outcomeText(outcome)}`, columns, 2)),
		'',
	];
}

function outcomeText(outcome: DeviceOutcome): string {
	if ('problem' in outcome) return outcome.problem;
	return `${Math.round(Math.min(...timesPerToken(outcome)))} microseconds for a prediction and a gradient over one token`;
}
