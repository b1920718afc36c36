/** How many threads may be worth trying. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Returns onnxruntime's own choice (null), the number of physical cores where it is known, and of all that may be used. */
export function threadCandidates(): (number | null)[] {
	const cores = physicalCores(cpuinfo());
	return [...new Set([null, ...(cores === null ? [] : [cores]), availableParallelism()])];
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

function cpuinfo(): string {
	try {
		return readFileSync('/proc/cpuinfo', 'utf8');
	} catch {
		return '';
	}
}
