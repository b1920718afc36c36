import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../core/errors.ts';
import { pythonPattern } from './pythonPattern.ts';

const names = [
	'model.layers.0.self_attn.q_proj',
	'model.layers.1.mlp.up_proj',
	'model.layers.11.self_attn.k_proj',
	'lm_head',
	'transformer.h.0.attn.c_attn',
	'visual.blocks.3.attn.qkv',
];

/** Which names `re.fullmatch` of Python 3 finds. */
const found: readonly [string, readonly number[]][] = [
	[String.raw`model\.layers\.\d+\.self_attn\.(?P<part>q_proj)`, [0]],
	['(?i:.*Q_PROJ)', [0]],
	[String.raw`.*\.self_attn\.q_proj\Z`, [0]],
	[String.raw`.*\.(q|k)_proj`, [0, 2]],
	['.*0.*', [0, 4]],
	['(?i).*MLP.*', [1]],
	[String.raw`.*(?:self\_attn|m\-lp).*`, [0, 2]],
	[String.raw`model\.layers\.[\d]{1,}\.(?:self_attn)\.(?:(?:q_proj|k_proj))`, [0, 2]],
	[String.raw`\bmodel\b.*`, [0, 1, 2]],
	[String.raw`.*\.\d{,1}\..*proj`, [0, 1]],
	['(?:.*?(?:language|text|model).*?(?:self_attn|attn|mlp).*?(?:q_proj|k_proj|up_proj).*?)', [0, 1, 2]],
	[String.raw`\Alm_head$`, [3]],
	['[^.]+', [3]],
	['(?#the head)lm_head', [3]],
	[String.raw`.*[\w]_[a-z]+`, [0, 1, 2, 3, 4]],
	['.*q_proj|lm_head', [0, 3]],
	['(?s:.*)c_attn', [4]],
	[String.raw`.*\.h\.0\..*`, [4]],
	['q_proj', []],
	['', []],
	[String.raw`.*\.[]q]kv`, [5]],
	['.*qkv', [5]],
];

describe('expressions of Python', () => {
	it.each(found)('%s fits as in Python', (pattern, numbers) => {
		const test = pythonPattern(pattern, 'here');
		expect(names.flatMap((name, i) => (test?.fits(name) === true ? [i] : []))).toEqual(numbers);
	});

	it.each(['(?!.*visual).*q_proj', '(?<=a)b', '(?P<a>x)(?P=a)', String.raw`(a)\1`, 'a++', '(?>a)b', '(a)?(?(1)b|c)'])(
		'%s is beyond automata',
		(pattern) => {
			expect(pythonPattern(pattern, 'here')).toBeNull();
		},
	);

	it.each(['(', '[', '\\', '*a', '(?P<a>x)(?P<a>y)', 'a'.repeat(10_001), '((a{1000}){1000}){1000}'])(
		'%.20s is refused by place',
		(pattern) => {
			expect(() => pythonPattern(pattern, 'adapter_config.json: target_modules')).toThrow(UserError);
			expect(() => pythonPattern(pattern, 'adapter_config.json: target_modules')).toThrow(
				/^adapter_config\.json: target_modules: /u,
			);
		},
	);

	it('take no longer for what would have other engines try for ever', () => {
		for (const pattern of ['((.*)*)*x', '(a|a)*$|(a+)+b', '(.*){1,30}[bc]', '(?:(?:(?:a?)*)*)*b']) {
			expect(pythonPattern(pattern, 'here')?.fits('a'.repeat(20_000))).toBe(pattern.includes('|a)'));
		}
	});

	it('are read or refused in words, whatever they are', () => {
		const piece = fc.oneof(
			fc.string({ maxLength: 4 }),
			fc.constantFrom(
				'(',
				')',
				'[',
				']',
				'*',
				'+',
				'?',
				'{2,}',
				'|',
				'(?:',
				'(?P<a>',
				'(?i:',
				'(?!',
				'.',
				'^',
				'$',
				String.raw`\Z`,
				String.raw`\d`,
				'\\',
			),
		);
		const patterns = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
		const holds = (pattern: string): void => {
			try {
				pythonPattern(pattern, 'here')?.fits(names[0] ?? '');
			} catch (error) {
				expect(error).toBeInstanceOf(UserError);
			}
		};
		fc.assert(fc.property(patterns, holds), { numRuns: 500 });
	});
});
