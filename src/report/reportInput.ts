/** Everything the report and the terminal summary are made from. */
import type { MethodDeclaration, MetricDeclaration } from '../core/declarations.ts';
import type { BadRow } from '../core/badRow.ts';
import type { StudyRecord } from '../records/records.ts';
import type { AnswerRates, SettingVerdict, Summary } from '../records/summaryRows.ts';

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

export interface ReportInput {
	readonly study: StudyDescription;
	readonly summary: Summary;
	readonly records: readonly StudyRecord[];
	readonly badRows: readonly BadRow[];
	readonly verdicts: readonly SettingVerdict[];
	readonly answerRates: readonly AnswerRates[];
}
