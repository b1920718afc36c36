import type { Node } from '../../engine/graph/node.ts';
import type { Session } from '../../engine/onnx/session.ts';

/**
 * Forms of a graph with gradients: as it is, or with less memory and more time: the inside of each block is computed
 * again in the backward walk, and attention goes through its heads in parts.
 */
export const graphForms = ['plain', 'checkpointed'] as const;
export type GraphForm = (typeof graphForms)[number];

/** Outputs of a graph, in a form that needs less memory and more time where it has several. */
export type GraphMaker = (form: GraphForm) => Record<string, Node>;

/** Returns the compiled graph of that name, compiling it when it first runs. */
export type OpenSession = (name: string, outputs: GraphMaker) => Promise<Session<string>>;

/** Parts that attention is computed in. */
export const attentionParts = (form: GraphForm): number => (form === 'checkpointed' ? 4 : 1);
