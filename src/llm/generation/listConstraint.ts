/**
 * Generation restricted to a list of given items: `["hip", "knee"]`. The constraint is data, so that it travels to the
 * engine process; what may follow is worked out there, step by step.
 */
import { itemAt } from '../../core/present.ts';
import type { TokenIds, ListConstraint } from '../languageModel.ts';

/** One way in which the list can go on from the end of the item before. */
interface Path {
	readonly tokens: TokenIds;
	/** Item number; null for `open`. */
	readonly item: number | null;
	readonly isLast: boolean;
}

/** A list being generated: `take` the tokens one after the other, each among the `allowed` ones. */
export class ListWriter {
	readonly #constraint: ListConstraint;
	readonly #listed: number[] = [];
	#paths: readonly Path[];
	/** Tokens of the paths that are written. */
	#written = 0;
	/** Tokens that may still be written. */
	#room: number;
	#isComplete = false;

	/** A list of at most `room` tokens; with less than the shortest list takes, nothing is allowed. */
	constructor(constraint: ListConstraint, room: number) {
		this.#constraint = constraint;
		this.#room = room;
		const shortest = this.#shortestRest();
		const fits = constraint.open.length + shortest <= room;
		const opening: Path = { tokens: constraint.open, item: null, isLast: false };
		this.#paths = fits ? (constraint.open.length === 0 ? this.#nextPaths() : [opening]) : [];
	}

	/** The tokens that may come next; none once the list is complete. */
	get allowed(): ReadonlySet<number> {
		return new Set(this.#paths.map(({ tokens }) => tokens[this.#written] as number));
	}

	/** True once `close` is written. */
	get isComplete(): boolean {
		return this.#isComplete;
	}

	/** Numbers of the items that are written in full, in order. */
	get listed(): readonly number[] {
		return this.#listed;
	}

	/** Goes on with a token; one that is not allowed ends the list where it is. */
	take(token: number): void {
		this.#paths = this.#paths.filter(({ tokens }) => tokens[this.#written] === token);
		this.#written += 1;
		this.#room -= 1;
		const ended = this.#paths.find(({ tokens }) => tokens.length === this.#written);
		if (ended !== undefined) this.#goOn(ended);
	}

	#goOn({ item, isLast }: Path): void {
		if (item !== null) this.#listed.push(item);
		this.#written = 0;
		this.#isComplete = isLast;
		this.#paths = isLast ? [] : this.#nextPaths();
	}

	/** Returns the ways on from the beginning of an item: those after which the list can still be closed. */
	#nextPaths(): Path[] {
		const { items, between, close, most } = this.#constraint;
		return items.flatMap(({ tokens }, item): Path[] => {
			if (this.#left(item) === 0) return [];
			const last = { tokens: [...tokens, ...close], item, isLast: true };
			const more = { tokens: [...tokens, ...between], item, isLast: false };
			const mayGoOn = this.#listed.length + 1 < most && more.tokens.length + this.#shortestRest(item) <= this.#room;
			return [...(last.tokens.length <= this.#room ? [last] : []), ...(mayGoOn ? [more] : [])];
		});
	}

	/** Returns the length of the shortest item that can be listed after item `taken`, with `close`. */
	#shortestRest(taken: number | null = null): number {
		const { items, close } = this.#constraint;
		const lengths = items.flatMap(({ tokens }, item) =>
			this.#left(item) > (item === taken ? 1 : 0) ? [tokens.length + close.length] : [],
		);
		return Math.min(...lengths);
	}

	#left(item: number): number {
		const used = this.#listed.filter((listed) => listed === item).length;
		return itemAt(this.#constraint.items, item).times - used;
	}
}

/** Returns the numbers of the items listed in full by generated tokens, in order. */
export function itemsListed(constraint: ListConstraint, ids: TokenIds): readonly number[] {
	const writer = new ListWriter(constraint, Infinity);
	for (const id of ids) writer.take(id);
	return writer.listed;
}
