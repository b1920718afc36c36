/**
 * Returns the first key that one object of a valid JSON text holds twice (`JSON.parse` keeps the last silently), or that is
 * `__proto__`, which no object of ours can hold; undefined where there is none.
 */
export function duplicateKey(json: string): string | undefined {
	const open: Set<string>[] = [];
	for (let position = 0; position < json.length; position++) {
		const character = json[position];
		if (character === '{') open.push(new Set(['__proto__']));
		else if (character === '}') open.pop();
		else if (character === '"') {
			const end = endOfString(json, position);
			if (isKey(json, end)) {
				const key = String(JSON.parse(json.slice(position, end)));
				if (open.at(-1)?.has(key)) return key;
				open.at(-1)?.add(key);
			}
			position = end - 1;
		}
	}
	return undefined;
}

/** Returns the place after the string that begins at `start`. */
function endOfString(json: string, start: number): number {
	let end = start;
	do end = json.indexOf('"', end + 1);
	while (isEscaped(json, end));
	return end + 1;
}

/** An odd number of backslashes before a character escapes it. */
function isEscaped(json: string, position: number): boolean {
	let first = position;
	while (json[first - 1] === '\\') first--;
	return (position - first) % 2 === 1;
}

function isKey(json: string, end: number): boolean {
	let next = end;
	while (' \t\n\r'.includes(json[next] ?? '?')) next++;
	return json[next] === ':';
}
