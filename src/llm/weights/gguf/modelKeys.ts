/** What a family reads from the metadata and tensors of a file to make the config that transformers would have written. */
import { UserError } from '../../../core/errors.ts';
import type { GgufFile } from './openGguf.ts';
import { readable } from './metadata.ts';

/** Reads the keys of one architecture and remembers which were asked for. */
export class ModelKeys {
	readonly architecture: string;
	readonly #gguf: GgufFile;
	/** Returns the numbers of a small tensor. */
	readonly tensorValues: (name: string) => readonly number[] | undefined;
	readonly #asked = new Set<string>();

	constructor(architecture: string, gguf: GgufFile, tensorValues: (name: string) => readonly number[] | undefined) {
		this.architecture = architecture;
		this.#gguf = gguf;
		this.tensorValues = tensorValues;
	}

	get file(): string {
		return this.#gguf.file;
	}

	/** The model's name as its authors gave it, or an empty text. */
	get name(): string {
		return this.#gguf.metadata.text('general.name') ?? '';
	}

	has(tensor: string): boolean {
		return this.#gguf.tensors.has(tensor);
	}

	/** Returns the shape of a tensor. Throws `UserError` where it is not there. */
	shape(tensor: string): readonly number[] {
		const found = this.#gguf.tensors.get(tensor);
		if (found === undefined)
			throw new UserError(
				`${this.file}: the tensor "${tensor}" is missing. Is this the file of a whole language model?`,
			);
		return found.shape;
	}

	number(key: string): number | undefined {
		return rounded(this.#gguf.metadata.number(this.#own(key)));
	}

	text(key: string): string | undefined {
		return this.#gguf.metadata.text(this.#own(key));
	}

	flag(key: string): boolean | undefined {
		return this.#gguf.metadata.flag(this.#own(key));
	}

	/** Returns a number. Throws `UserError` where it is not there. */
	required(key: string): number {
		const value = this.number(key);
		if (value === undefined)
			throw new UserError(`${this.file}: the metadata ${this.#own(key)} is missing. Convert the model again.`);
		return value;
	}

	/** Returns a number that may be given once for each layer. Throws `UserError` where layers differ. */
	same(key: string): number | undefined {
		const value = this.#gguf.metadata.value(this.#own(key));
		if (!Array.isArray(value)) return this.number(key);
		const all = this.#gguf.metadata.numbers(this.#own(key)) ?? [];
		if (new Set(all).size === 1) return all[0];
		throw new UserError(
			`${this.file}: ${this.#own(key)} differs from layer to layer (${readable(all)}), which is not supported.`,
		);
	}

	/** Returns the list of a key, or undefined where it is not there or no list. */
	list(key: string): readonly unknown[] | undefined {
		const value = this.#gguf.metadata.value(this.#own(key));
		return Array.isArray(value) ? value : undefined;
	}

	/** Returns the id of a special token, or undefined. */
	token(name: string): number | undefined {
		return this.#gguf.metadata.number(`tokenizer.ggml.${name}_token_id`);
	}

	/** Throws `UserError` naming keys of the architecture that nobody asked for and that say something. */
	refuseUnasked(): void {
		const own = this.#gguf.metadata.keys.filter(
			(key) => key.startsWith(`${this.architecture}.`) && !this.#asked.has(key),
		);
		const unknown = own.filter((key) => ![0, false, '', 'none'].includes(this.#gguf.metadata.value(key) as never));
		if (unknown.length === 0) return;
		const list = unknown.map((key) => `${key}=${readable(this.#gguf.metadata.value(key) ?? '')}`).join(', ');
		throw new UserError(`${this.file}: metadata that may change the mathematics and are not handled: ${list}.`);
	}

	#own(key: string): string {
		const full = `${this.architecture}.${key}`;
		this.#asked.add(full);
		return full;
	}
}

/** Returns the shortest decimal number that is the same in float32: 1e-5 was written as 9.99999974e-6. */
function rounded(value: number | undefined): number | undefined {
	if (value === undefined || Number.isInteger(value) || Math.fround(value) !== value) return value;
	for (let digits = 1; digits < 10; digits++) {
		const short = Number(value.toPrecision(digits));
		if (Math.fround(short) === value) return short;
	}
	return value;
}
