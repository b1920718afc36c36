/** A straight axis: where values stand on the page and where its ticks are. */

export interface Axis {
	readonly min: number;
	readonly max: number;
	readonly ticks: readonly number[];
	/** Returns the position of a value, kept inside the axis, rounded to a tenth of a pixel. */
	readonly position: (value: number) => number;
}

const tickCount = 4;
const roundFactors = [1, 2, 2.5, 5];
const wholeFactors = [1, 2, 5];

/** Returns an axis from round numbers around `min` and `max`, drawn from pixel `start` to pixel `end`. */
export function createAxis(min: number, max: number, start: number, end: number): Axis {
	return axisOf(min, max, start, end, roundStep((max - min || 1) / tickCount, roundFactors));
}

/** Returns an axis of things that are counted: its ticks are whole numbers. */
export function createWholeAxis(min: number, max: number, start: number, end: number): Axis {
	return axisOf(min, max, start, end, roundStep(Math.max(1, (max - min) / tickCount), wholeFactors));
}

function axisOf(min: number, max: number, start: number, end: number, step: number): Axis {
	const [first, last] = [
		Math.floor(min / step + 1e-9),
		Math.max(Math.ceil(max / step - 1e-9), Math.floor(min / step) + 1),
	];
	const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
	const [low, high] = [first * step, last * step];
	const position = (value: number): number => {
		const share = (Math.min(high, Math.max(low, value)) - low) / (high - low);
		return Math.round((start + share * (end - start)) * 10) / 10;
	};
	return { min: low, max: high, ticks, position };
}

/** Returns the smallest of the factors times a power of ten that is at least `step`. */
function roundStep(step: number, factors: readonly number[]): number {
	const power = 10 ** Math.floor(Math.log10(step));
	const factor = factors.find((candidate) => candidate * power >= step * (1 - 1e-9)) ?? 10;
	return factor * power;
}

/** Returns a tick's label without needless zeros. */
export function tickLabel(tick: number): string {
	return String(Number(tick.toFixed(3))).replace('-', '−');
}
