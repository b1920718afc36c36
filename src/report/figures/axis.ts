/** A straight axis: where values stand on the page and where its ticks are. */

export interface Axis {
	readonly min: number;
	readonly max: number;
	readonly ticks: readonly number[];
	/** Returns the position of a value, kept inside the axis, rounded to a tenth of a pixel. */
	readonly position: (value: number) => number;
}

const tickCount = 4;

/** Returns an axis from round numbers around `min` and `max`, drawn from pixel `start` to pixel `end`; `whole`: ticks are whole numbers. */
export function createAxis(min: number, max: number, start: number, end: number, whole = false): Axis {
	const step = roundStep((max - min || 1) / tickCount, whole);
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

/** Returns the smallest of 1, 2, 2.5, 5 times a power of ten that is at least `step`, or the smallest whole one. */
function roundStep(step: number, whole: boolean): number {
	const power = 10 ** Math.max(Math.floor(Math.log10(step)), whole ? 0 : -Infinity);
	const factor =
		[1, 2, ...(whole ? [] : [2.5]), 5, 10].find((candidate) => candidate * power >= step * (1 - 1e-9)) ?? 10;
	return factor * power;
}

/** Returns a tick's label without needless zeros. */
export function tickLabel(tick: number): string {
	return String(Number(tick.toFixed(3))).replace('-', '−');
}
