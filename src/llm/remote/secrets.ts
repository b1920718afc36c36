/** Keeps keys out of messages: servers repeat them in their errors. */

/** Returns a function that takes the key, and whatever looks like one, out of a text. */
export function redactor(key: string | null): (text: string) => string {
	const secret = key?.trim() ?? '';
	return (text) => {
		const without = secret === '' ? text : text.replaceAll(secret, '[key]');
		return without
			.replaceAll(/\b(?:sk|pk|hf|gsk|xai)[-_][\w*.-]{6,}/gu, '[key]')
			.replaceAll(/(Bearer\s+)[^\s"',]+/giu, '$1[key]');
	};
}
