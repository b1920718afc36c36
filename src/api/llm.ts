/** What a language model is to this program: for those who bring one of their own. */
export * from '../core/answerProblem.ts';
export type { Need } from '../core/declarations.ts';
export * from '../llm/languageModel.ts';
export type { ChosenTuning, EngineTuning, RunSizes } from '../llm/tuning.ts';
export type { ModelEntry, ModelSource, ModelWeights } from '../study/models/modelSource.ts';
