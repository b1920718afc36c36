/** The library: what others may rely on. Everything else may change between versions. */
export { InternalError, InterruptedError, UserError } from './core/errors.ts';
export {
	type Annotation,
	annotatedWords,
	type Example,
	exampleWords,
	type Segment,
	segmentOf,
	type Span,
} from './core/example.ts';
export { hasValue, type Score } from './core/score.ts';
export type { Task } from './core/task.ts';
export { DATASETS, datasetNamed } from './datasets/datasets.ts';
export { estimate } from './evaluation/estimate.ts';
export { metrics } from './evaluation/metrics.ts';
export type { LanguageModel } from './llm/languageModel.ts';
export { hubCacheFolder } from './network/hub/hubCache.ts';
export { openModel } from './llm/openModel.ts';
export { methods } from './rationales/methods.ts';
export { renderReport } from './report/report.ts';
export { type ExplainOptions, explainText } from './explain/text/explainText.ts';
export type { StudyRecord } from './records/records.ts';
export { runStudy, type StudyOptions, type StudyResult } from './runStudy.ts';
export type { Summary } from './records/summaryRows.ts';
export type { SummaryRow } from './records/summaryRows.ts';
export type { TextExplanation } from './records/explanation.ts';
