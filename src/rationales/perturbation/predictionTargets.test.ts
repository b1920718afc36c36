import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PredictionTargetId, predictionTargets, predictionValue } from './predictionTargets.ts';

const full = [0.5, 0.2, 0.3].map(Math.log);

describe('predictionValue', () => {
	it.each<[PredictionTargetId, number]>([
		['probability', 0.1],
		['log_probability', Math.log(0.1)],
		['logodds_labels', Math.log(0.1 / 0.9)],
		['diff', Math.log(0.1 / 0.3)],
	])('%s by hand; the foil is the second best label of the full text', (id, wanted) => {
		expect(predictionValue(id, full, 0)([0.1, 0.6, 0.3].map(Math.log))).toBeCloseTo(wanted, 12);
	});

	it.each(Object.keys(predictionTargets) as PredictionTargetId[])('%s ignores mass outside the labels', (id) => {
		const logProbability = fc.double({ min: -30, max: 0, noNaN: true });
		fc.assert(
			fc.property(fc.tuple(logProbability, logProbability, logProbability), fc.nat(2), (scores, explained) => {
				const value = predictionValue(id, full, explained);
				expect(value(scores.map((score) => score - 700))).toBeCloseTo(value(scores), 9);
			}),
		);
	});

	it.each<[PredictionTargetId, readonly number[]]>([
		['probability', [NaN, -1]],
		['log_probability', [-Infinity, -1]],
		['logodds_labels', [-1]],
		['diff', [-1]],
		['diff', [-1, -Infinity]],
	])('%s of %j is not finite', (id, scores) => {
		expect(
			predictionValue(
				id,
				scores.map(() => -1),
				0,
			)(scores),
		).not.toSatisfy(Number.isFinite);
	});
});
