import { missing, type Score, scored } from '../../core/score.ts';
import type { TieGroup } from './alignedExample.ts';

/** Where the curve stands after one more group of equal scores. */
export interface CurvePoint {
	readonly recall: number;
	readonly precision: number;
}

/** Returns the precision-recall curve by falling score; recall is 0 throughout when no word is annotated. */
export function precisionRecallCurve(groups: readonly TieGroup[]): CurvePoint[] {
	const total = groups.reduce((sum, group) => sum + group.gold, 0);
	let [words, found] = [0, 0];
	return groups.map((group) => {
		words += group.words;
		found += group.gold;
		return { recall: total === 0 ? 0 : found / total, precision: found / words };
	});
}

/** Returns the sum over the curve's steps of recall gained times height; missing when no word is annotated. */
export function areaUnder(
	curve: readonly CurvePoint[],
	height: (point: CurvePoint, before: CurvePoint) => number,
): Score {
	const last = curve.at(-1);
	if (last === undefined || last.recall === 0) return missing('no annotated words');
	let before: CurvePoint = { recall: 0, precision: 1 };
	let area = 0;
	for (const point of curve) {
		area += (point.recall - before.recall) * height(point, before);
		before = point;
	}
	return scored(area);
}
