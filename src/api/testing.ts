/** For those who add methods, metrics and model families of their own: a fake model and the promises all of them keep. */
export * from '../testing/explainExamples.ts';
export * from '../testing/fakeModel.ts';
export * from '../testing/familyProblems.ts';
export * from '../testing/methodProblems.ts';
export * from '../testing/metricProblems.ts';
export * from '../testing/toyTask.ts';
