/** Everything the report and the terminal summary are made from. */
import type { MethodDeclaration, MetricDeclaration } from '../core/declarations.ts';
import type { BadRow } from '../core/badRow.ts';
import type { AnswerStatus, StudyRecord } from '../records/records.ts';
import type { Summary } from '../records/summaryRows.ts';

/** What was run, with what. */
export interface StudyDescription {
	readonly name: string;
	/** Version by name of program: `{ 'llm-rationale': '0.1.0', node: '20.19.0' }`. */
	readonly startedWith: Readonly<Record<string, string>>;
	readonly seed: number;
	/** The resolved study file. */
	readonly configText: string;
	readonly prompts: readonly { readonly id: string; readonly text: string }[];
	/** The first one is the headline masking. */
	readonly maskings: readonly { readonly id: string; readonly title: string }[];
	readonly models: readonly { readonly id: string; readonly description: string }[];
	/** Optional models that could not be used; none where left out. */
	readonly modelsLeftOut?: readonly { readonly id: string; readonly reason: string }[];
	readonly datasets: readonly { readonly id: string; readonly title: string; readonly n: number }[];
	readonly methods: readonly MethodDeclaration[];
	readonly metrics: readonly MetricDeclaration[];
}

/** Whether faithfulness figures of a model on a dataset mean anything (docs/methods.md E.12). */
export interface Verdict {
	readonly model: string;
	readonly dataset: string;
	/** Null or left out where nothing was fine-tuned. */
	readonly epoch?: number | null;
	readonly level: 'evaluable' | 'with care' | 'not evaluable';
	readonly reasons: readonly string[];
}

/** How a model answered one rationale prompt on one dataset. */
export interface AnswerRates {
	readonly model: string;
	readonly dataset: string;
	/** Null or left out where nothing was fine-tuned. */
	readonly epoch?: number | null;
	readonly method: string;
	/** Number of answers by status. */
	readonly counts: Readonly<Record<AnswerStatus, number>>;
	/** Answers with another number of words than was asked for. */
	readonly wrongLength: number;
}

export interface ReportInput {
	readonly study: StudyDescription;
	readonly summary: Summary;
	readonly records: readonly StudyRecord[];
	readonly badRows: readonly BadRow[];
	readonly verdicts: readonly Verdict[];
	readonly answerRates: readonly AnswerRates[];
}
