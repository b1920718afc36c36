import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { agreementOf } from '../explain/text/agreement.ts';
import type { MethodExplanation, TextExplanation } from '../records/explanation.ts';
import type { MethodId } from '../rationales/methods.ts';
import type { Channel } from './channel.ts';
import { type ExplanationDisplay, renderExplanation } from './explanation.ts';

const words = ['She', 'runs', 'the', 'ward.'];
const prediction = { label: 'nurse', probabilities: { nurse: 0.75, dentist: 0.25 }, mass: 1 };
const flipped = { label: 'dentist', probabilities: { nurse: 0.4, dentist: 0.6 }, mass: 1 };

function said(
	method: MethodId,
	chosen: readonly number[],
	changes: Partial<MethodExplanation> = {},
): MethodExplanation {
	const nothing = { scores: null, missing: null, ties: 0, diagnostics: [], answer: null };
	const flips = chosen.includes(3);
	const masked = chosen.length === 0 ? null : flips ? flipped : prediction;
	return { method, title: method, chosen, ...nothing, masked, flips: masked === null ? null : flips, ...changes };
}

function rendered(
	methods: readonly MethodExplanation[],
	changes: Partial<TextExplanation> = {},
	channel: Partial<Channel> = {},
	display?: ExplanationDisplay,
): string {
	const explanation: TextExplanation = {
		model: { id: 'tiny', identity: 'i' },
		task: 't',
		prediction,
		thought: null,
		caution: null,
		masking: 'space',
		precisionCheck: null,
		segments: [{ name: 'text', text: words.join(' ') }],
		words: words.map((text) => ({ segment: 0, text })),
		methods,
		...changes,
	};
	const colours = picocolors.createColors(false);
	const own = { isTerminal: false, columns: 80, colours, ...channel } as Channel;
	return renderExplanation(explanation, agreementOf(methods, words.length), own, display).join('\n');
}

describe('many methods', () => {
	const methods = [
		said('random', [0]),
		said('attention', [3]),
		said('saliency.l2', [3]),
		said('lime', [2]),
		said('prompt.unbound', [3, 1]),
		said('occlusion', []),
		said('gim', [], { missing: 'the model offers no gradients' }),
		said('attn_lrp', [], { missing: 'the model offers no gradients' }),
	];

	it('have a line each, by family, and one for all that say nothing for the same reason', () => {
		expect(rendered(methods)).toMatchInlineSnapshot(`
			"tiny, task t
			nurse 75.0 %   dentist 25.0 %

			Attribution
			  attention       ward        flips to dentist 60.0 %
			  saliency.l2     ward        flips to dentist 60.0 %
			  lime            the         stays nurse 75.0 %
			  occlusion       no words

			Prompting
			  prompt.unbound  ward, runs  flips to dentist 60.0 %

			References
			  random          She         stays nurse 75.0 %

			nothing from gim, attn_lrp: the model offers no gradients

			Scores, answers and probabilities of each method: name fewer (--method
			attention,lime), or add --json or --html.

			Agreement of 5 methods
			  chosen by several: ward (3)
			  random       attention       0 of 2 words in common, 0.0 %
			  random       saliency.l2     0 of 2 words in common, 0.0 %
			  random       lime            0 of 2 words in common, 0.0 %
			  random       prompt.unbound  0 of 3 words in common, 0.0 %
			  attention    saliency.l2     1 of 1 words in common, 100.0 %
			  attention    lime            0 of 2 words in common, 0.0 %
			  attention    prompt.unbound  1 of 2 words in common, 50.0 %
			  saliency.l2  lime            0 of 2 words in common, 0.0 %
			  saliency.l2  prompt.unbound  1 of 2 words in common, 50.0 %
			  lime         prompt.unbound  0 of 3 words in common, 0.0 %

			Masking "space": every token of the word becomes a space."
		`);
	});

	it('stay within the width where many long words are chosen', () => {
		const long = Array.from({ length: 30 }, (_, i) => `${'word'.repeat(4)}${i}`);
		const chosen = methods.map((method) => ({ ...method, chosen: [...long.keys()] }));
		const text = rendered(chosen, { words: long.map((word) => ({ segment: 0, text: word })) });
		expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
		expect(text).toContain('…');
	});
});

describe('a doubtful answer', () => {
	const colours = picocolors.createColors(true);
	const methods = [said('attention', [3]), said('lime', [3])];

	it('is said to be one, and what explains it is dimmed', () => {
		const text = rendered(methods, { caution: 'tiny has learnt no task.' }, { colours });
		expect(text).toContain(colours.yellow('tiny has learnt no task.'));
		expect(text).toContain(colours.dim('  She runs the [ward.]'));
		expect(text.split('no task.')[1]).not.toContain(colours.bold('attention'));
	});

	it('is one whose labels have little of the probability', () => {
		const doubtful = { prediction: { ...prediction, mass: 0.2 } };
		expect(rendered(methods, doubtful)).toContain('Only 20.0 % of the probability is on these labels');
		expect(rendered(methods, { prediction: { ...prediction, mass: null } })).not.toContain('Only');
		expect(rendered(methods)).not.toContain('Only');
	});
});

describe('a thought', () => {
	it('is counted, and printed on request, controls shown', () => {
		const thought = 'She runs\n\u001b[31ma practice.';
		expect(rendered([], { thought })).toContain('It thought first, in 4 words; --show-thought prints it.\n');
		const [, , ...lines] = rendered([], { thought }, {}, { showsThought: true }).split('\n');
		expect(lines.slice(0, 3)).toEqual([
			'It thought first, in 4 words:',
			'  She runs',
			String.raw`  \u001b[31ma practice.`,
		]);
	});
});

it('a text without spaces is printed without, and broken between its words', () => {
	const texts = ['她', '是', '一名', '外科', '医生，', '负责', '手术。'];
	const explanation: Partial<TextExplanation> = {
		segments: [{ name: 'text', text: texts.join('') }],
		words: texts.map((text) => ({ segment: 0, text })),
	};
	const lines = rendered([said('random', [3])], explanation, { columns: 14 }).split('\n');
	expect(lines.filter((line) => /^ {2}\p{Script=Han}/u.test(line)).join('\n')).toBe(
		'  她是一名\n  医生，负责\n  手术。',
	);
	expect(lines).toContain('  [外科]');
});
