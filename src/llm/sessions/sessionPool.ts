/** The compiled graphs of an engine, and the memory they may take together. */
import { InternalError, UserError } from '../../core/errors.ts';
import { present } from '../../core/present.ts';
import { type Node, topologicalOrder } from '../../engine/graph/node.ts';
import { bindNames } from '../../engine/graph/shape.ts';
import { createSession, type Device, type Session, type Value } from '../../engine/onnx/session.ts';
import { inGigabytes } from '../engineSettings.ts';
import type { LoadedDecoder } from '../models/loadDecoder.ts';
import { type GraphForm, graphForms, type GraphMaker, type OpenSession } from '../graphs/graphForm.ts';
import { activationBytes, storedAs, weightBytes } from './memoryPlan.ts';

export interface SessionPool {
	readonly session: OpenSession;
	/** Returns the names of the graphs that are compiled now, the one used last at the end. */
	readonly opened: () => string[];
}

export interface PoolOptions {
	readonly loaded: LoadedDecoder;
	readonly prepack: boolean;
	/** The CPU when left out. */
	readonly device?: Device;
	/** Onnxruntime's own choice when null or left out. */
	readonly threads?: number | null;
	/** What sessions may take together, weights included, in bytes. */
	readonly available: number;
}

/**
 * Returns a pool whose sessions take, at each run, the first form of their graph that fits, and close the sessions used
 * longest ago where it does not fit beside them. Onnxruntime keeps what a session once took, and maps the weights for
 * each session again. One run at a time.
 */
export function createSessionPool(options: PoolOptions): SessionPool {
	const known = new Map<string, Session<string>>();
	const opened = new Set<Form>();
	let last: Promise<unknown> = Promise.resolve();
	const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
		const result = last.then(work);
		last = result.catch(() => undefined);
		return result;
	};
	return {
		session: async (name, maker) => {
			const session = known.get(name) ?? pooled(options, opened, inTurn, name, maker);
			known.set(name, session);
			return session;
		},
		opened: () => [...opened].map(({ name }) => name),
	};
}

function pooled(
	options: PoolOptions,
	opened: Set<Form>,
	inTurn: <Result>(work: () => Promise<Result>) => Promise<Result>,
	name: string,
	maker: GraphMaker,
): Session<string> {
	const forms = (maker.length === 0 ? graphForms.slice(0, 1) : graphForms).map(
		(form) => new Form(name, options, maker, form),
	);
	const run: Session<string>['run'] = async (feeds, names) => {
		const form = forms.find((candidate) => candidate.needs(feeds) <= options.available);
		if (form === undefined) throw tooLarge(name, feeds, forms.at(-1) as Form, options);
		await makeRoom(opened, form, form.needs(feeds), options.available);
		opened.delete(form);
		opened.add(form);
		return form.run(feeds, names);
	};
	return {
		run: (feeds, names) => inTurn(() => run(feeds, names)),
		release: () => inTurn(() => closeAll(opened, forms)),
	};
}

/** Closes sessions, the one used longest ago first, until `form` can take so many bytes beside the others. */
async function makeRoom(opened: Set<Form>, form: Form, bytes: number, available: number): Promise<void> {
	const others = [...opened].filter((other) => other !== form);
	let taken = others.reduce((total, { reserved }) => total + reserved, Math.max(form.reserved, bytes));
	for (const other of others) {
		if (taken <= available) return;
		taken -= other.reserved;
		await closeAll(opened, [other]);
	}
}

async function closeAll(opened: Set<Form>, forms: readonly Form[]): Promise<void> {
	for (const form of forms) {
		opened.delete(form);
		await form.close();
	}
}

/** One form of a graph, compiled when it first runs. */
class Form {
	readonly name: string;
	/** Bytes that its session holds. */
	reserved = 0;
	readonly #options: PoolOptions;
	readonly #make: () => Graph;
	readonly #estimates = new Map<string, number>();
	#made: Graph | undefined;
	#session: Promise<Session<string>> | undefined;

	constructor(name: string, options: PoolOptions, maker: GraphMaker, form: GraphForm) {
		this.name = name;
		this.#options = options;
		this.#make = () => graphOf(storedAs(maker(form), options.prepack, options.loaded.quantised));
	}

	/** Returns the bytes that the session needs while it runs: weights, intermediate values, and what it is fed with. */
	needs(feeds: Readonly<Record<string, Value>>): number {
		if (this.#options.available === Infinity) return 0;
		const { outputs, inputs } = this.#graph();
		const names = roundedUp(sizesOf(inputs, feeds));
		const key = JSON.stringify([...names]);
		const known =
			this.#estimates.get(key) ?? activationBytes(outputs, names) + weightBytes(outputs, this.#options.prepack);
		this.#estimates.set(key, known);
		const fed = inputs.map(({ parameters: { name } }) => present(feeds[name], `value for the input ${name}`));
		return known + fed.reduce((total, { data }) => total + data.byteLength, 0);
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

/** Nearly equal sizes share an estimate, which is for at most an eighth more. */
function roundedUp(names: ReadonlyMap<string, number>): Map<string, number> {
	return new Map(
		[...names].map(([name, size]) => {
			const step = 2 ** Math.max(0, Math.floor(Math.log2(size)) - 3);
			return [name, size === 0 ? 0 : step * Math.ceil(size / step)];
		}),
	);
}

function tooLarge(
	name: string,
	feeds: Readonly<Record<string, Value>>,
	form: Form,
	{ available }: PoolOptions,
): UserError {
	const [rows, tokens] = feeds['ids']?.sizes ?? [];
	return new UserError(
		`A run of ${rows} texts of ${tokens} tokens (${name}) needs ${inGigabytes(form.needs(feeds))} with the weights, but ` +
			`${inGigabytes(available)} are left for it. Shorten the text, or give more with --memory.`,
	);
}
