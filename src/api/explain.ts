/** What a study computes of a chunk of examples, step by step. */
export * from '../explain/chunk.ts';
export * from '../explain/chunkRecords.ts';
export * from '../explain/classify.ts';
export * from '../explain/context.ts';
export * from '../explain/encodeExample.ts';
export * from '../explain/explain.ts';
export * from '../explain/settings.ts';
export * from '../explain/text/agreement.ts';
export type { Method } from '../rationales/method.ts';
export type { Attribution } from '../rationales/attribution.ts';
