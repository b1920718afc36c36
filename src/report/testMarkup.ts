/** Reads markup for tests. */

const withoutEnd = new Set(['meta', 'link', 'br', 'img', 'input']);
const tag = /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*(\/?)>/y;

export interface Tag {
	readonly name: string;
	readonly attributes: ReadonlyMap<string, string>;
}

/** Returns all opening tags. Throws for a stray `<`, an unclosed or a wrongly closed element. */
export function readMarkup(text: string): Tag[] {
	const body = text.replace(/^<!doctype html>/, '').replace(/<style>[^<]*<\/style>/, '');
	const open: string[] = [];
	const tags: Tag[] = [];
	for (let at = body.indexOf('<'); at >= 0; at = body.indexOf('<', at + 1)) {
		tag.lastIndex = at;
		const [, end, name = '', attributes = '', closed] = tag.exec(body) ?? [];
		const place = JSON.stringify(body.slice(at, at + 80));
		if (name === '') throw new Error(`not a tag: ${place}`);
		if (end === '/') {
			if (open.pop() !== name) throw new Error(`closes what is not open: ${place}`);
			continue;
		}
		tags.push({
			name,
			attributes: new Map(
				[...attributes.matchAll(/([\w:-]+)(?:="([^"]*)")?/g)].map(([, key = '', value = '']) => [key, value]),
			),
		});
		if (closed !== '/' && !withoutEnd.has(name)) open.push(name);
	}
	if (open.length > 0) throw new Error(`never closed: ${open.join(', ')}`);
	return tags;
}
