/** Keeps keys out of messages and files: servers repeat them, whole or in pieces, as they are or encoded. */
import { groupBy } from '../../core/groupBy.ts';

/** Shorter keys are placeholders (`EMPTY`), and may be words of an answer. Pieces of a key that are shorter tell little. */
const shortestSecret = 12;
/** Any piece that is long enough holds one of these whole, counted from the beginning of a text. */
const block = shortestSecret / 2;

/** Returns true for a key that is too short to be told from words. */
export function isPlaceholder(key: string | null): boolean {
	return key !== null && key.trim().length < shortestSecret;
}

/** Returns a function that takes the key and its pieces out of a text. */
export function withoutKey(key: string | null): (text: string) => string {
	const secret = key?.trim() ?? '';
	if (secret.length < shortestSecret) return (text) => text;
	const places = blocksOf(formsOf(secret).map(folded));
	return (text) => withoutPieces(text, folded(text), places);
}

/** A key as servers repeat it: plain, in an address, in base64 at any place of what is encoded. */
function formsOf(secret: string): string[] {
	const encoded = [0, 1, 2].map((before) => {
		const text = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)])
			.toString('base64')
			.replace(/=+$/u, '');
		// The first characters hold bits of what stands before, the last one bits of what follows.
		return text.slice(before === 0 ? 0 : before + 1, -1);
	});
	const forAddresses = encoded.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
	const forms = [secret, encodeURIComponent(secret), ...encoded, ...forAddresses];
	return [...new Set(forms)].filter((form) => form.length >= shortestSecret);
}

/** A block of a form, in lower case: servers change the case of headers. */
interface Place {
	readonly form: string;
	readonly at: number;
}

function blocksOf(forms: readonly string[]): ReadonlyMap<string, readonly Place[]> {
	const places = forms.flatMap((form) =>
		Array.from({ length: Math.max(0, form.length - block + 1) }, (_, at): Place => ({ form, at })),
	);
	return groupBy(places, ({ form, at }) => form.slice(at, at + block));
}

/** `low` is the text in lower case. */
function withoutPieces(text: string, low: string, places: ReadonlyMap<string, readonly Place[]>): string {
	let result = '';
	let done = 0;
	for (let at = 0; at + block <= low.length; at += block) {
		const found = at < done ? undefined : places.get(low.slice(at, at + block));
		if (found === undefined) continue;
		const pieces = found.map((place) => pieceAt(low, at, place));
		const longest = pieces.toSorted((a, b) => b.end - b.start - (a.end - a.start))[0];
		if (longest === undefined || longest.end - longest.start < shortestSecret) continue;
		result += `${text.slice(done, Math.max(done, longest.start))}[key]`;
		done = longest.end;
	}
	return result + text.slice(done);
}

/** Returns the longest piece of a form in a text around a block that both have. */
function pieceAt(low: string, at: number, place: Place): { readonly start: number; readonly end: number } {
	const { form } = place;
	let before = 0;
	while (before < Math.min(at, place.at) && low[at - before - 1] === form[place.at - before - 1]) before++;
	let after = block;
	while (place.at + after < form.length && low[at + after] === form[place.at + after]) after++;
	return { start: at - before, end: at + after };
}

/** Lower case of ASCII only: other letters may change their length. */
function folded(text: string): string {
	return text.replaceAll(/[A-Z]+/gu, (letters) => letters.toLowerCase());
}

/** Takes the beginning of the key from the end of a text that was cut off in it. */
function withoutCutEnd(text: string, secret: string): string {
	if (secret.length < shortestSecret) return text;
	const lengths = Array.from({ length: secret.length - 4 }, (_, i) => secret.length - 1 - i);
	const cut = lengths.find((length) => text.endsWith(secret.slice(0, length)));
	return cut === undefined ? text : `${text.slice(0, -cut)}[key]`;
}

/** Deeper values are no answer, and would not fit the stack. */
const deepest = 100;

/**
 * Returns a value of JSON with the key taken out of all its texts and names, after they were read: JSON can spell it in
 * many ways. Where it stood in one, the log-probabilities
 * of tokens are left out: they spell the same in pieces.
 */
export function valueWithoutKey(clean: (text: string) => string): (value: unknown) => unknown {
	return (value) => {
		let isFound = false;
		const cleanText = (text: string): string => {
			const without = clean(text);
			isFound ||= without !== text;
			return without;
		};
		const cleaned = cleanedValue(value, cleanText, 0);
		return isFound ? withoutTokens(cleaned) : cleaned;
	};
}

function cleanedValue(value: unknown, clean: (text: string) => string, depth: number): unknown {
	if (typeof value === 'string') return clean(value);
	if (typeof value !== 'object' || value === null) return value;
	if (depth > deepest) return null;
	if (Array.isArray(value)) return value.map((inner) => cleanedValue(inner, clean, depth + 1));
	const entries = Object.entries(value).map(
		([name, inner]) => [clean(name), cleanedValue(inner, clean, depth + 1)] as const,
	);
	return Object.fromEntries(entries);
}

function withoutTokens(value: unknown): unknown {
	if (typeof value !== 'object' || value === null) return value;
	if (Array.isArray(value)) return value.map(withoutTokens);
	const entries = Object.entries(value).filter(([name]) => name !== 'logprobs');
	return Object.fromEntries(entries.map(([name, inner]) => [name, withoutTokens(inner)]));
}

/** Returns a function that takes the key, and whatever looks like one, out of a message. */
export function redactor(key: string | null): (text: string) => string {
	const secret = key?.trim() ?? '';
	const withoutOwn = isPlaceholder(key) ? withoutWord(secret) : withoutKey(key);
	return (text) =>
		withoutCutEnd(withoutOwn(text), secret)
			.replaceAll(/\b(?:sk|pk|hf|gsk|xai)[-_][\w*.-]{6,}/gu, '[key]')
			.replaceAll(/(Bearer\s+)[^\s"',]+/giu, '$1[key]');
}

/** Takes a short key out of a message where it stands by itself. */
function withoutWord(word: string): (text: string) => string {
	if (word === '') return (text) => text;
	const literal = word.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`);
	const pattern = new RegExp(String.raw`(?<![\p{L}\p{N}_])${literal}(?![\p{L}\p{N}_])`, 'gu');
	return (text) => text.replaceAll(pattern, '[key]');
}
