/** Keeps keys out of messages and files: servers repeat them. */

/** Shorter keys are placeholders (`EMPTY`), and may be words of an answer. */
const shortestSecret = 12;

/** Returns a function that takes the key out of a text, also where the text breaks off within it. */
export function withoutKey(key: string | null): (text: string) => string {
	const secret = key?.trim() ?? '';
	if (secret.length < shortestSecret) return (text) => text;
	return (text) => {
		const without = text.replaceAll(secret, '[key]');
		const lengths = Array.from({ length: secret.length - 4 }, (_, i) => secret.length - 1 - i);
		const cut = lengths.find((length) => without.endsWith(secret.slice(0, length)));
		return cut === undefined ? without : `${without.slice(0, -cut)}[key]`;
	};
}

/** Returns a function that takes the key, and whatever looks like one, out of a message. */
export function redactor(key: string | null): (text: string) => string {
	const withoutOwn = withoutKey(key);
	return (text) =>
		withoutOwn(text)
			.replaceAll(/\b(?:sk|pk|hf|gsk|xai)[-_][\w*.-]{6,}/gu, '[key]')
			.replaceAll(/(Bearer\s+)[^\s"',]+/giu, '$1[key]');
}
