/** What a person reads, made from records and summary: pure functions. */
export { renderExplanationPage } from '../report/explanationPage.ts';
export { renderReport } from '../report/report.ts';
export * from '../report/reportInput.ts';
export { tableFiles } from '../report/tables/writeTables.ts';
