/**
 * Reads what must be there. First see whether the type can say it (`for … of`, `entries()`, a tuple, a record in place of
 * lists side by side); a fallback such as `?? 0` is for what may rightly be absent, and hides a mistake of ours elsewhere.
 */
import { InternalError, shown } from './errors.ts';

/** Returns the value; throws an `InternalError` that names what is missing where there is none. */
export function present<T>(value: T, what: string): NonNullable<T> {
	if (value == null) throw new InternalError(`there is no ${what}`);
	return value;
}

/** Returns the item at an index; throws an `InternalError` outside the list. Not for inner loops over typed arrays. */
export function itemAt<T>(list: ArrayLike<T>, index: number, what = 'item'): T {
	const item = list[index];
	if (item === undefined) throw new InternalError(`there is no ${what} ${index} among ${list.length}`);
	return item;
}

/** Returns the last item; throws an `InternalError` where the list is empty. */
export function lastOf<T>(list: readonly T[], what = 'item'): T {
	return itemAt(list, list.length - 1, what);
}

/** Returns the value of a key; throws an `InternalError` where the map does not know the key. */
export function entryOf<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key, what = 'entry'): Value {
	const value = map.get(key);
	if (value === undefined) throw new InternalError(`there is no ${what} of ${shown(key)} among ${map.size}`);
	return value;
}

/** Returns the pairs of items at the same index; throws an `InternalError` where one list is longer. */
export function zip<A, B>(first: readonly A[], second: ArrayLike<B>): [A, B][] {
	if (first.length !== second.length) {
		throw new InternalError(`lists of ${first.length} and ${second.length} items do not go side by side`);
	}
	return first.map((item, i) => [item, second[i] as B]);
}

/** Returns the number of columns of a matrix; 0 where it has no rows. */
export function widthOf(rows: readonly ArrayLike<unknown>[]): number {
	const [first] = rows;
	return first === undefined ? 0 : first.length;
}
