/** Returns the function with its results kept by key. */
export function memoize<Key, Result>(compute: (key: Key) => Result): (key: Key) => Result {
	const results = new Map<Key, Result>();
	return (key) => {
		const result = results.get(key) ?? compute(key);
		results.set(key, result);
		return result;
	};
}
