import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { printable } from '../core/printable.ts';
import { type Channel, createTerminal } from './channel.ts';

/** Returns a channel of a terminal, and what it wrote. */
function channelWith(environment: Record<string, string>, isTTY: boolean): { channel: Channel; written: () => string } {
	let text = '';
	const output = { isTTY, write: (piece: string) => (text += piece) };
	return { channel: createTerminal(output, output, environment, []).out, written: () => text };
}

const hostile = fc
	.array(
		fc.oneof(
			fc.string({ unit: 'binary' }),
			fc.constantFrom(
				'\u001B[31m',
				'\u001B]0;title\u0007',
				'\u009B31m',
				'\u001B]8;;http://evil/\u0007',
				'\u202E',
				'\r',
			),
			fc.constantFrom(
				'\u001B[',
				'1234;5678;',
				'31m',
				'\u001B[1234;5678;31m',
				'\u200F',
				'\u2066',
				'\0',
				'\u007F',
				'\u2028',
			),
		),
	)
	.map((parts) => parts.join(''));
// oxlint-disable-next-line no-control-regex -- controls are the subject
const obeyed = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/u;

describe('what a channel writes', () => {
	it('holds nothing that a terminal obeys but our own colours, whatever the text', () => {
		fc.assert(
			fc.property(hostile, (text) => {
				const { channel, written } = channelWith({ FORCE_COLOR: '1' }, true);
				channel.lines([channel.colours.red(text), channel.colours.bold(channel.colours.dim(text))]);
				channel.write(text);
				const [red, bold, dim, ...closes] = ['\u001B[31m', '\u001B[1m', '\u001B[2m', '\u001B[39m', '\u001B[22m'];
				const own = [red, bold, dim, ...closes].reduce((rest, colour) => rest.replaceAll(colour ?? '', ''), written());
				expect(own).not.toMatch(obeyed);
				expect(written().split('\u001B').length - 1).toBeLessThanOrEqual(7);
			}),
		);
	});

	it('holds no escape at all where there are no colours', () => {
		fc.assert(
			fc.property(hostile, (text) => {
				const { channel, written } = channelWith({ NO_COLOR: '1' }, true);
				channel.lines([channel.colours.red(text)]);
				expect(written()).not.toMatch(obeyed);
			}),
		);
	});

	it('shows what it does not obey, so that JSON stays the same value', () => {
		fc.assert(
			fc.property(hostile, (text) => {
				const { channel, written } = channelWith({}, false);
				channel.lines([JSON.stringify({ text })]);
				expect(JSON.parse(written())).toEqual({ text });
			}),
		);
	});

	it('has the colours of picocolors, one within another, too', () => {
		const expected = picocolors.createColors(true);
		const { channel, written } = channelWith({ FORCE_COLOR: '1' }, true);
		const { colours } = channel;
		channel.write([colours.red('a'), colours.bold('b'), colours.bgBlue(colours.white('c'))].join(''));
		expect(written()).toBe([expected.red('a'), expected.bold('b'), expected.bgBlue(expected.white('c'))].join(''));
		expect(stripVTControlCharacters(colours.bold(colours.dim('width')))).toBe('width');
	});

	it('keeps line feeds and tabs, and begins a line anew only in a terminal', () => {
		const inTerminal = channelWith({ NO_COLOR: '1' }, true);
		const inFile = channelWith({}, false);
		for (const { channel } of [inTerminal, inFile]) {
			channel.rewriteLine('a\tb\n');
		}
		expect([inTerminal.written(), inFile.written()]).toEqual(['\r\u001B[2Ka\tb\n', 'a\tb\n']);
	});
});

it('printable text shows line feeds as well', () => {
	expect(printable('a\n\u001B[1mb\u202Ec')).toBe('a\\u000a\\u001b[1mb\\u202ec');
});
