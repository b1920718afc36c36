import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlaceholder, redactor, valueWithoutKey, withoutKey } from './secrets.ts';

const key = 'Zq7-plainSecretKey-91x-no-known-prefix';

/** A key as people have them: letters, digits and what addresses and base64 take as they are or encode. */
const keys = fc.stringMatching(/^[A-Za-z0-9_+/.=-]{20,60}$/u).filter((text) => new Set(text).size > 8);

describe('withoutKey', () => {
	it.each([
		['whole', `You sent ${key}.`, 'You sent [key].'],
		['in a piece', `bad key ${key.slice(0, 12)}…`, 'bad key [key]…'],
		['in its last part', `…${key.slice(-12)}`, '…[key]'],
		['in another case', `bad ${key.toUpperCase()}!`, 'bad [key]!'],
		['twice', `${key} ${key}`, '[key] [key]'],
		['in an address', `?k=${encodeURIComponent('a/b+secret=for ever 12')}&x=1`, '?k=[key]&x=1'],
		['not', 'Zq7-plain Secret words', 'Zq7-plain Secret words'],
	])('%s', (_, text, expected) => {
		const own = text.includes('%2F') ? 'a/b+secret=for ever 12' : key;
		expect(withoutKey(own)(text)).toBe(expected);
	});

	it('leaves no piece of 12 characters of any key in any text, plain or in base64', () => {
		const holds = (secret: string, before: string, after: string, from: number, length: number): void => {
			const start = from % (secret.length - 12);
			const piece = secret.slice(start, start + 12 + (length % 40));
			const without = withoutKey(secret)(`${before}${piece}${after}`);
			for (let i = 0; i + 12 <= piece.length; i++) {
				fc.pre(!before.includes(piece.slice(i, i + 6)) && !after.includes(piece.slice(i, i + 6)));
				expect(without).not.toContain(piece.slice(i, i + 12));
			}
			const encoded = Buffer.from(`${before}${secret}${after}`).toString('base64');
			const decoded = Buffer.from(withoutKey(secret)(encoded).replaceAll('[key]', '????'), 'base64').toString('latin1');
			expect(decoded).not.toContain(secret.slice(0, 12));
		};
		fc.assert(fc.property(keys, fc.string(), fc.string(), fc.nat(), fc.nat(), holds), { numRuns: 200 });
	});

	it('changes nothing that shares less than 12 characters with the key', () => {
		const words = fc.stringMatching(/^[a-z ]{0,200}$/u);
		fc.assert(
			fc.property(fc.stringMatching(/^[A-Z0-9]{20,40}$/u), words, (secret, text) => {
				expect(withoutKey(secret)(text)).toBe(text);
			}),
		);
	});

	it('takes 5 MB in a moment', () => {
		const text = 'word '.repeat(1e6);
		expect(withoutKey(key)(text + key)).toBe(`${text}[key]`);
	});
});

describe('values', () => {
	const clean = valueWithoutKey(withoutKey(key));

	it('lose the key in every text and name, and the tokens that would spell it', () => {
		const tokens = { content: [{ token: key.slice(0, 4), logprob: -1 }] };
		expect(
			clean({ choices: [{ message: { content: `surgeon ${key}` }, logprobs: tokens }], [key]: [1, null, key] }),
		).toEqual({ choices: [{ message: { content: 'surgeon [key]' } }], '[key]': [1, null, '[key]'] });
		const harmless = { choices: [{ message: { content: 'surgeon' }, logprobs: tokens }] };
		expect(clean(harmless)).toEqual(harmless);
	});

	it('are read however deep they are', () => {
		const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
		expect(JSON.stringify(clean(deep)).length).toBeLessThan(300);
	});
});

describe('keys that are placeholders', () => {
	it('stay in answers, where they may be words, and are left out of messages', () => {
		expect(isPlaceholder('EMPTY')).toBe(true);
		expect(isPlaceholder(key)).toBe(false);
		expect(isPlaceholder(null)).toBe(false);
		expect(withoutKey('none')('none of them')).toBe('none of them');
		expect(redactor('EMPTY')('Incorrect API key provided: EMPTY.')).toBe('Incorrect API key provided: [key].');
		expect(redactor('a-b(c')('no a-b(c, but xa-b(c')).toBe('no [key], but xa-b(c');
		expect(redactor('')('nothing')).toBe('nothing');
	});
});
