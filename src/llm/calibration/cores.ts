/** How many threads may be worth trying. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/**
 * Returns onnxruntime's own choice (null), the number of physical cores, of all that may be used, and of those that a
 * container's share of time is worth, where they are known.
 */
export function threadCandidates(): (number | null)[] {
	const known = [
		physicalCores(textOf('/proc/cpuinfo')),
		availableParallelism(),
		grantedCores(textOf('/sys/fs/cgroup/cpu.max')),
	];
	return [...new Set([null, ...known])];
}

/** Returns the number of different cores in Linux' /proc/cpuinfo; null where it does not name them. */
export function physicalCores(text: string): number | null {
	const names = text.split(/\n\s*\n/u).flatMap((processor) => {
		const field = (name: string): string | undefined =>
			new RegExp(`^${name}\\s*:\\s*(\\d+)`, 'mu').exec(processor)?.[1];
		const [chip, core] = [field('physical id'), field('core id')];
		return chip === undefined || core === undefined ? [] : [`${chip}/${core}`];
	});
	return names.length === 0 ? null : new Set(names).size;
}

/** Returns how many cores `quota period` of a control group is worth, rounded up; null without a limit. */
export function grantedCores(text: string): number | null {
	const [quota = NaN, period = NaN] = text.split(' ').map(Number);
	const cores = Math.ceil(quota / period);
	return cores >= 1 ? cores : null;
}

/** Empty where there is no such file. */
function textOf(file: string): string {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return '';
	}
}
