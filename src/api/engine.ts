/** Graphs of numbers, their gradients, and their execution by ONNX Runtime; no language. */
export * from '../engine/graph/backward.ts';
export * from '../engine/graph/build.ts';
export { evaluate, type Tensor } from '../engine/graph/evaluationRules.ts';
export * from '../engine/graph/node.ts';
export { printGraph } from '../engine/graph/print.ts';
export type { Dimension, Shape } from '../engine/graph/shape.ts';
export type { WeightPlace } from '../engine/onnx/emit.ts';
export {
	createSession,
	type Device,
	devices,
	type Session,
	type SessionOptions,
	type Value,
} from '../engine/onnx/session.ts';
