/** Measures a device in a process of its own, which may crash or hang. */
import { UserError } from '../../core/errors.ts';
import type { DeviceTimes } from './calibration.ts';
import type { Measuring } from './measure.ts';
import { Connection, type ProcessEntry, startChild } from '../process/connection.ts';

const measureEntry: ProcessEntry = { beside: import.meta.url, name: 'measureProcess' };

/**
 * Returns the times of a device, measured in a process of its own. Throws what `measureDevice` throws, an `EngineCrash`
 * where the process ends, and a `UserError` where it takes longer than `limit` milliseconds.
 */
export async function measureInProcess(measuring: Measuring, limit: number): Promise<DeviceTimes> {
	const connection = new Connection(startChild(measureEntry));
	let timer: NodeJS.Timeout | undefined;
	const tooLong = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new UserError(`No answer in ${limit / 1000} seconds.`)), limit);
	});
	try {
		return (await Promise.race([connection.call('measure', [measuring]), tooLong])) as DeviceTimes;
	} finally {
		clearTimeout(timer);
		await connection.close();
	}
}
