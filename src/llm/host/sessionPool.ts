/** The compiled graphs of an engine, and the memory they may take together. */
import { InternalError, UserError } from '../../core/errors.ts';
import { type Node, topologicalOrder } from '../../engine/graph/node.ts';
import { bindNames } from '../../engine/graph/shape.ts';
import { createSession, type Device, type Session, type Value } from '../../engine/onnx/session.ts';
import { inGigabytes } from '../engineSettings.ts';
import type { LoadedDecoder } from '../models/loadDecoder.ts';
import { activationBytes, copiedBytes, packedBytes, storedAs } from './memoryPlan.ts';

/** Outputs of a graph; with `lean` in a form that needs less memory and more time, where there is one. */
export type GraphMaker = (lean: boolean) => Record<string, Node>;

export interface SessionPool {
	/** Returns the compiled graph of that name, compiling it when it first runs. */
	readonly session: (name: string, outputs: GraphMaker) => Promise<Session<string>>;
}

export interface PoolOptions {
	readonly loaded: LoadedDecoder;
	readonly prepack: boolean;
	/** The CPU when left out. */
	readonly device?: Device;
	/** Onnxruntime's own choice when null or left out. */
	readonly threads?: number | null;
	/** What graphs may take beside what is counted elsewhere (process, mapped weights, cache), in bytes. */
	readonly available: number;
}

/**
 * Returns a pool whose sessions choose, at each run, the plain form of a graph where it fits into the memory that other
 * sessions leave, else its lean form, else make room by closing others. Onnxruntime keeps what a session once took.
 */
export function createSessionPool(options: PoolOptions): SessionPool {
	const entries = new Map<string, Entry>();
	return {
		session: async (name, outputs) => {
			const known = entries.get(name) ?? pooled(options, entries, name, outputs);
			entries.set(name, known);
			return known.session;
		},
	};
}

interface Entry {
	readonly session: Session<string>;
	readonly forms: readonly Form[];
}

function pooled(options: PoolOptions, entries: ReadonlyMap<string, Entry>, name: string, maker: GraphMaker): Entry {
	const forms =
		maker.length === 0
			? [new Form(options, maker, false)]
			: [false, true].map((lean) => new Form(options, maker, lean));
	const others = (): Form[] =>
		[...entries.values()].flatMap((entry) => entry.forms).filter((form) => !forms.includes(form));
	const run: Session<string>['run'] = async (feeds, names) => {
		const taken = others().reduce((total, { reserved }) => total + reserved, 0);
		const fitting = forms.find((form) => form.needs(feeds) + taken <= options.available);
		if (fitting !== undefined) return fitting.run(feeds, names);
		const alone = forms.find((form) => form.needs(feeds) <= options.available);
		if (alone === undefined) throw tooLarge(name, feeds, forms.at(-1) as Form, options);
		await Promise.all([...others(), ...forms.filter((form) => form !== alone)].map((form) => form.close()));
		return alone.run(feeds, names);
	};
	return { forms, session: { run, release: async () => void (await Promise.all(forms.map((form) => form.close()))) } };
}

/** One form of a graph, compiled when it first runs. */
class Form {
	/** Bytes that its session holds. */
	reserved = 0;
	readonly #options: PoolOptions;
	readonly #make: () => Graph;
	readonly #estimates = new Map<string, number>();
	#made: Graph | undefined;
	#session: Promise<Session<string>> | undefined;

	constructor(options: PoolOptions, maker: GraphMaker, lean: boolean) {
		this.#options = options;
		this.#make = () => graphOf(storedAs(maker(lean), options.prepack, options.loaded.quantised));
	}

	/** Returns the bytes that a run needs at its peak, weights copied for this graph included. */
	needs(feeds: Readonly<Record<string, Value>>): number {
		if (this.#options.available === Infinity) return 0;
		const { outputs, inputs } = this.#graph();
		const names = roundedUp(sizesOf(inputs, feeds));
		const key = JSON.stringify([...names]);
		const known = this.#estimates.get(key);
		if (known !== undefined) return known;
		const bytes =
			activationBytes(outputs, names) + (this.#options.prepack ? copiedBytes(outputs) : packedBytes(outputs));
		this.#estimates.set(key, bytes);
		return bytes;
	}

	async run(feeds: Readonly<Record<string, Value>>, names?: readonly string[]): Promise<Record<string, Value>> {
		const { loaded, prepack, device = 'cpu', threads = null } = this.#options;
		this.reserved = Math.max(this.reserved, this.needs(feeds));
		this.#session ??= createSession(this.#graph().outputs, {
			weightsFolder: loaded.checkpoint.rootFolder,
			place: loaded.place,
			prepack,
			quantised: loaded.quantised,
			device,
			threads,
		});
		return (await this.#session).run(feeds, names);
	}

	async close(): Promise<void> {
		const session = this.#session;
		this.#session = undefined;
		this.reserved = 0;
		await (await session)?.release();
	}

	#graph(): Graph {
		return (this.#made ??= this.#make());
	}
}

interface Graph {
	readonly outputs: Readonly<Record<string, Node>>;
	readonly inputs: readonly Node<'input'>[];
}

function graphOf(outputs: Readonly<Record<string, Node>>): Graph {
	const inputs = topologicalOrder(Object.values(outputs)).filter(
		(node): node is Node<'input'> => node.operation === 'input',
	);
	return { outputs, inputs };
}

/** Returns the sizes of the names in the shapes of inputs. */
function sizesOf(inputs: readonly Node<'input'>[], feeds: Readonly<Record<string, Value>>): Map<string, number> {
	const names = new Map<string, number>();
	for (const { parameters, shape } of inputs) {
		const value = feeds[parameters.name];
		if (value === undefined) throw new InternalError(`session: no value for input "${parameters.name}"`);
		bindNames(parameters.name, shape, value.sizes, names);
	}
	return names;
}

/** Nearly equal sizes share an estimate. */
function roundedUp(names: ReadonlyMap<string, number>): Map<string, number> {
	return new Map([...names].map(([name, size]) => [name, size <= step ? size : step * Math.ceil(size / step)]));
}

const step = 16;

function tooLarge(
	name: string,
	feeds: Readonly<Record<string, Value>>,
	form: Form,
	{ available }: PoolOptions,
): UserError {
	const [rows, tokens] = feeds['ids']?.sizes ?? [];
	return new UserError(
		`A run of ${rows} texts of ${tokens} tokens (${name}) needs ${inGigabytes(form.needs(feeds))} beside the weights, but ` +
			`${inGigabytes(available)} are left for it. Shorten the text, or give more with --memory.`,
	);
}
