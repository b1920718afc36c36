/** The only file that knows onnxruntime-node. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { InternalError, messageOf, UserError } from '../../core/errors.ts';
import { present } from '../../core/present.ts';
import { add, input } from '../graph/build.ts';
import type { Node } from '../graph/node.ts';
import { separateTransposes } from '../graph/separateTransposes.ts';
import type { Quantised } from '../graph/blockWeights.ts';
import { storedWeights } from '../graph/weightUse.ts';
import { emitModel, type WeightPlace } from './emit.ts';
import { plainReason } from './plainReason.ts';
import { encodeModel, type ModelProto } from './protobuf.ts';

/** A value going in or coming out: row-major data with sizes. */
export interface Value {
	readonly data: Float32Array | BigInt64Array | Uint8Array;
	readonly sizes: readonly number[];
}

export interface SessionOptions {
	/** Folder that holds all weight files; locations are relative to it. */
	readonly weightsFolder: string;
	readonly place: (weightName: string) => WeightPlace;
	/** Threads of one run; onnxruntime's own choice when null or left out. Results do not depend on it. */
	readonly threads?: number | null;
	/**
	 * Copies weights as float32 into the layout of the fastest kernels: one copy of each weight per use. Otherwise they
	 * stay mapped in the file's type, and 16-bit ones are widened at each use.
	 */
	readonly prepack: boolean;
	/** Matrices that are used in their quantised form; none when left out. */
	readonly quantised?: Quantised;
	/**
	 * Threads wait busily from one operation to the next: faster where these are many and small, and a core each for as
	 * long as a run takes and a little longer.
	 */
	readonly busyWaiting?: boolean;
	/** What computes; the CPU when left out, and for operations that the device does not know. */
	readonly device?: Device;
}

export const devices = ['cpu', 'webgpu', 'cuda'] as const;
export type Device = (typeof devices)[number];

/** Throws a `UserError` where onnxruntime cannot compute on the device. */
export async function requireDevice(device: Device): Promise<void> {
	const problem = await deviceProblem(device);
	if (problem !== null) throw new UserError(`--device ${device}: ${problem} Or take --device cpu.`);
}

/** Returns why onnxruntime cannot compute on the device; null where it can. */
export async function deviceProblem(device: Device): Promise<string | null> {
	const x = input('x', [1]);
	const place = (): never => {
		throw new InternalError('the probe has no weights');
	};
	try {
		const session = await createSession({ y: add(x, x) }, { weightsFolder: '.', place, prepack: false, device });
		await session.release();
		return null;
	} catch (error) {
		return `onnxruntime cannot use it here (${plainReason(messageOf(error))}). ${deviceNeeds[device]}`;
	}
}

const deviceNeeds: Readonly<Record<Device, string>> = {
	cpu: '',
	webgpu: 'It needs a graphics card with a driver for Vulkan, Metal or Direct3D 12.',
	cuda: "It needs Linux on x64, CUDA 12 with cuDNN 9, and onnxruntime-node's CUDA libraries, which its install script fetches.",
};

/** A compiled graph. `run` blocks the thread it is called on. */
export interface Session<Output extends string> {
	/** Returns the outputs of those names, or all; what is left out is not copied. */
	run(feeds: Readonly<Record<string, Value>>, names?: readonly Output[]): Promise<Record<Output, Value>>;
	release(): Promise<void>;
}

/** Returns a compiled graph with the named outputs; weights are mapped from their files, not read. */
export async function createSession<Output extends string>(
	outputs: Readonly<Record<Output, Node>>,
	options: SessionOptions,
): Promise<Session<Output>> {
	const { quantised = new Map(), device = 'cpu', threads = null } = options;
	const isStored = !options.prepack || quantised.size > 0;
	const stored = isStored ? storedWeights(outputs, quantised) : outputs;
	// Only the kernels of the CPU and of CUDA turn their factors; what a card cannot do is copied to the CPU and back.
	const nodes = device === 'webgpu' ? separateTransposes(stored) : stored;
	const model = emitModel(nodes, options.place);
	const session = await InferenceSession.create(encodeModel(model), {
		...(threads === null ? {} : { intraOpNumThreads: threads }),
		graphOptimizationLevel: 'all',
		enableMemPattern: false,
		executionProviders: providersFor(device, model),
		logSeverityLevel: 3,
		extra: {
			session: {
				// The kernels for products of blocks are slow without their own layout.
				disable_prepacking: options.prepack || model.nodes.some(({ type }) => type === 'MatMulNBits') ? '0' : '1',
				model_external_initializers_file_folder_path: options.weightsFolder,
				// Without it products of 8 bits overflow on processors that lack instructions for them (AVX2, no VNNI).
				x64quantprecision: '1',
				intra_op: { allow_spinning: options.busyWaiting === true ? '1' : '0' },
			},
		},
	});
	return {
		run: async (feeds, names = Object.keys(outputs) as Output[]) =>
			unwrap(await session.run(wrap(feeds, session.inputNames), [...names]), names),
		release: () => session.release(),
	};
}

/** Shaders may round angles to 2^-11, which is too coarse for rotary positions; sines and cosines are few. */
function providersFor(device: Device, { nodes }: ModelProto): InferenceSession.ExecutionProviderConfig[] {
	if (device !== 'webgpu') return device === 'cpu' ? ['cpu'] : [device, 'cpu'];
	const onCpu = nodes.filter(({ type }) => type === 'Cos' || type === 'Sin').map(({ outputs }) => outputs.join());
	return [onCpu.length === 0 ? 'webgpu' : { name: 'webgpu', forceCpuNodeNames: onCpu }, 'cpu'];
}

/** Wraps what the graph asks for; other feeds are left out, so that callers can offer all they have. */
function wrap(feeds: Readonly<Record<string, Value>>, names: readonly string[]): Record<string, Tensor> {
	return Object.fromEntries(
		names.map((name) => {
			const value = feeds[name];
			if (value === undefined) throw new InternalError(`session: no value for input "${name}"`);
			const { data, sizes } = value;
			if (data instanceof Float32Array) return [name, new Tensor('float32', data, sizes)];
			if (data instanceof BigInt64Array) return [name, new Tensor('int64', data, sizes)];
			return [name, new Tensor('bool', data, sizes)];
		}),
	);
}

function unwrap<Output extends string>(
	results: InferenceSession.ReturnType,
	names: readonly Output[],
): Record<Output, Value> {
	const entries = names.map((name): [Output, Value] => {
		const { data, dims, type } = present(results[name], `output "${name}"`);
		if (!(data instanceof Float32Array || data instanceof BigInt64Array || data instanceof Uint8Array)) {
			throw new InternalError(`session: output "${name}" has the unexpected type ${type}`);
		}
		return [name, { data, sizes: dims }];
	});
	return Object.fromEntries(entries) as Record<Output, Value>;
}
