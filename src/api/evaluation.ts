/** Metrics, intervals and tests; they know no model. */
export * from '../core/declarations.ts';
export { hasValue, type Score } from '../core/score.ts';
export * from '../evaluation/alignment/alignedExample.ts';
export * from '../evaluation/collapse.ts';
export * from '../evaluation/comparability.ts';
export * from '../evaluation/compare.ts';
export * from '../evaluation/estimate.ts';
export * from '../evaluation/faithfulness/maskedExample.ts';
export * from '../evaluation/faithfulness/measures.ts';
export * from '../evaluation/metric.ts';
export * from '../evaluation/metrics.ts';
export * from '../evaluation/prediction/predictedExample.ts';
export type { Interval, ResamplingOptions } from '../evaluation/statistics/bootstrap.ts';
export { holm } from '../evaluation/statistics/holm.ts';
export { wilsonInterval } from '../evaluation/statistics/proportion.ts';
