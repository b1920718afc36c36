/**
 * Forms of a graph with gradients: as it is, or with less memory and more time: the inside of each block is computed
 * again in the backward walk, and attention goes through its heads in parts.
 */
export const graphForms = ['plain', 'lean'] as const;
export type GraphForm = (typeof graphForms)[number];

/** Parts that attention is computed in. */
export const attentionParts = (form: GraphForm): number => (form === 'lean' ? 4 : 1);
