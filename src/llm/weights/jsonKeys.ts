/** Strings, and the punctuation that opens, closes or separates; numbers and literals are of no interest. */
const jsonToken = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[{}]/gsu;

/** Returns the first key that one object of a valid JSON text holds twice (`JSON.parse` keeps the last silently), or undefined. */
export function duplicateKey(json: string): string | undefined {
	const open: Set<string>[] = [];
	for (const [token, colon] of json.matchAll(jsonToken)) {
		if (token === '{') open.push(new Set());
		else if (token === '}') open.pop();
		else if (colon !== undefined) {
			const key = String(JSON.parse(token.slice(0, -colon.length)));
			if (open.at(-1)?.has(key)) return key;
			open.at(-1)?.add(key);
		}
	}
	return undefined;
}
