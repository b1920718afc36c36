/** What was found: the records of a study, its summary, the explanation of one text, and how they are read. */
export * from '../records/explanation.ts';
export * from '../records/recordFormat.ts';
export { readRecordLines, type RecordLines } from '../records/recordLines.ts';
export * from '../records/records.ts';
export * from '../records/summaryRows.ts';
