import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { UserError } from '../core/errors.ts';
import { parseCheckedYaml } from './checkedYaml.ts';

const laughs = (levels: number): string =>
	Array.from({ length: levels }, (_, i) =>
		i === 0
			? 'a0: &a0 [lol]'
			: `a${i}: &a${i} [${Array(9)
					.fill(`*a${i - 1}`)
					.join(', ')}]`,
	).join('\n');
const read = (text: string): unknown => parseCheckedYaml(z.unknown(), text, 'study.yaml');

describe('aliases', () => {
	it('stand for what they name', () => {
		expect(read('a: &x [1, 2]\nb: *x')).toEqual({ a: [1, 2], b: [1, 2] });
	});

	it.each([3, 6, 9])('of aliases are read as long as the values are few enough: %d levels', (levels) => {
		const outcome = ((): unknown => {
			try {
				return read(laughs(levels));
			} catch (error) {
				return error;
			}
		})();
		if (levels < 4) expect(outcome).toHaveProperty('a2');
		else {
			expect(outcome).toBeInstanceOf(UserError);
			expect(String(outcome)).toContain('study.yaml:2: aliases (*a0) stand for aliases so often');
		}
	});

	it.each(['models: &m [*m]', 'models: &m { a: 1, b: [*m] }', 'a: 1\nmodels: &m [[[*m]]]'])(
		'that stand within what they stand for are named: %s',
		(text) => {
			expect(() => read(text)).toThrow(/^study\.yaml:[12]: \*m stands within what it stands for\./u);
		},
	);
});
