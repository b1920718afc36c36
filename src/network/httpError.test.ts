import { describe, expect, it } from 'vitest';
import { HttpError } from './httpError.ts';

const waitOf = (headers: Record<string, string>): number | null =>
	new HttpError('busy', 429, { headers: new Headers(headers) }).retryAfter;

describe('how long a server asks to wait', () => {
	it.each([
		[{ 'retry-after': '3' }, 3000],
		[{ 'retry-after': '0.5' }, 500],
		[{ 'retry-after-ms': '250', 'retry-after': '3' }, 250],
		[{ 'retry-after': new Date(0).toUTCString() }, 0],
		[{ 'retry-after': 'soon' }, null],
		[{}, null],
	])('%j', (headers, wait) => {
		expect(waitOf(headers)).toBe(wait);
	});

	it('may be said as a date', () => {
		const wait = waitOf({ 'retry-after': new Date(Date.now() + 60_000).toUTCString() });
		// The header has whole seconds.
		expect(wait).toBeGreaterThan(50_000);
		expect(wait).toBeLessThanOrEqual(60_000);
	});
});

describe('whether a request that failed may have been done', () => {
	it.each([
		[new HttpError('the answer broke off', null), true],
		[new HttpError('no connection', null, { isReached: false }), false],
		[new HttpError('status 504', 504), true],
		[new HttpError('status 503', 503), false],
		[new HttpError('status 429', 429), false],
	])('%s: %s', (error, mayBeDone) => {
		expect(error.mayBeDone).toBe(mayBeDone);
	});
});
