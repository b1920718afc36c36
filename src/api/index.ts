/** The library: what others may rely on. Everything else may change between versions. */
export { InternalError, InterruptedError, UserError } from '../core/errors.ts';
export {
	type Annotation,
	annotatedWords,
	cutSegment,
	type Example,
	exampleWords,
	type Segment,
	segmentOf,
	type Span,
} from '../core/example.ts';
export type { WordRule } from '../core/words.ts';
export { hasValue, type Score } from '../core/score.ts';
export type { Task } from '../core/task.ts';
export { DATASETS, type Dataset, type DatasetId, datasetNamed, type LoadOptions } from '../datasets/datasets.ts';
export type { Table } from '../datasets/table.ts';
export type { TableInput } from '../datasets/tableSpec.ts';
export { metrics } from '../evaluation/metrics.ts';
export type { PredictionScores, ScoredMetric } from '../interchange/scorePredictions.ts';
export type { WrittenTable } from '../interchange/exportTables.ts';
export type { LanguageModel } from '../llm/languageModel.ts';
export { type MethodId, methodIds, methods } from '../rationales/methods.ts';
export type {
	LabelPrediction,
	MethodExplanation,
	TextDiagnostic,
	TextExplanation,
} from '../records/explanation.ts';
export type { StudyRecord } from '../records/records.ts';
export type { Summary, SummaryRow } from '../records/summaryRows.ts';
export type { ReportInput } from '../report/reportInput.ts';
export type { StudyResult } from '../runStudy.ts';
export type { EstimateProgress, SettingEstimate, StepEstimate } from '../study/estimate/estimateStudy.ts';
export type { ModelEntry, ModelSource, ModelWeights } from '../study/models/modelSource.ts';
export type { TrainingResult } from '../study/run/finetuneStudy.ts';
export type { Progress } from '../study/run/runPlan.ts';
export { explainText, type ExplainTextOptions, type TextInput } from './explainText.ts';
export { createModelSource, type ModelSourceOptions } from './modelOptions.ts';
export { openModel, type OpenModelOptions } from './openModel.ts';
export {
	estimateStudy,
	type EstimateStudyOptions,
	finetune,
	type FinetuneOptions,
	runStudy,
	type RunStudyOptions,
	type TrainingProgress,
} from './studies.ts';
export {
	exportTables,
	type ExportTablesOptions,
	readTable,
	type ReadTableOptions,
	scorePredictions,
	type ScorePredictionsOptions,
} from './tables.ts';
