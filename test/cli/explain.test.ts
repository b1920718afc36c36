/** `rationale explain` with a fake model whose deciding words are known. */
import { describe, expect, it } from 'vitest';
import { occupations, type Options, runHere, runInMemory } from './inMemory.ts';
import type { MethodExplanation, TextExplanation } from '../../src/records/explanation.ts';

const text = 'He holds a scalpel near the ward';

async function explained(argv: readonly string[], options: Options = {}): Promise<TextExplanation> {
	const { code, out, notes } = await runInMemory(['explain', ...argv, '--json'], options);
	expect([code, notes]).toEqual([0, '']);
	return JSON.parse(out) as TextExplanation;
}

function methodIn({ methods }: TextExplanation, id: string): MethodExplanation {
	const found = methods.find(({ method }) => method === id);
	if (found === undefined) throw new Error(`no ${id}`);
	return found;
}

describe('the explanation', () => {
	it('holds prediction, probabilities, words and what masking them changes', async () => {
		const explanation = await explained([text, '--method', 'input_x_gradient.dot', '--k', '1']);
		expect(explanation.prediction.label).toBe('surgeon');
		const shares = Object.values(explanation.prediction.probabilities);
		expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
		const partition = Math.exp(4) + Math.exp(3) + 3;
		expect(explanation.prediction.probabilities['surgeon']).toBeCloseTo(Math.exp(4) / partition);
		const [method] = explanation.methods;
		expect(method).toMatchObject({ chosen: [3], flips: true, masked: { label: 'nurse' } });
		expect(explanation.words[3]?.text).toBe('scalpel');
	});

	it('chooses a fifth of the words unless told how many', async () => {
		expect(methodIn(await explained([text]), 'attention').chosen).toHaveLength(1);
		expect(methodIn(await explained([`${text} of the town`]), 'attention').chosen).toHaveLength(2);
		expect(methodIn(await explained([text, '-k', '3']), 'attention').chosen).toHaveLength(3);
	});

	it('asks for words and says which are not in the text', async () => {
		const model = { ...occupations, answer: () => '["scalpel", "knife"]' };
		const method = methodIn(await explained([text, '--method', 'prompt.unbound'], { model }), 'prompt.unbound');
		expect(method).toMatchObject({ chosen: [3], scores: null, answer: { status: 'partial', unmatched: ['knife'] } });
		const { out } = await runInMemory(['explain', text, '--method', 'prompt.unbound'], { model });
		expect(out).toContain('not in the text: knife');
	});

	it('names what a model cannot do instead of leaving it out', async () => {
		const model = { ...occupations, capabilities: ['labelScores', 'generation', 'nothing'] } as const;
		const explanation = await explained([text, '--method', 'all'], { model });
		const asked = explanation.methods.map(({ method }) => method);
		expect(asked.filter((id) => id === 'human' || id.startsWith('corrupted'))).toEqual([]);
		expect(methodIn(explanation, 'saliency.l2').missing).toContain('offers no gradients');
		expect(methodIn(explanation, 'random').missing).toBeNull();
	});

	it('is the same each time', async () => {
		expect(await explained([text, '--method', 'all'])).toEqual(await explained([text, '--method', 'all']));
	});

	it('closes its model', async () => {
		const { opened } = await runInMemory(['explain', text]);
		expect(opened.map(({ calls }) => calls.closed)).toEqual([1]);
	});
});

describe('the text', () => {
	it('may come as words without quotes, or from standard input', async () => {
		const inQuotes = await explained([text]);
		expect(await explained(text.split(' '))).toEqual(inQuotes);
		expect(await explained(['-'], { input: `${text}\n` })).toEqual(inQuotes);
		expect((await explained(['-'], { input: 'ein schöner scalpel – ja' })).words[1]?.text).toBe('schöner');
	});

	it('may have several segments, by name or in order', async () => {
		const task = ['--task', 'planted-nli', '--method', 'random'];
		const inOrder = await explained(['A dog sleeps.', 'An animal rests.', ...task]);
		expect(inOrder.segments.map(({ name }) => name)).toEqual(['premise', 'hypothesis']);
		expect(inOrder.words.map(({ segment }) => segment)).toEqual([0, 0, 0, 1, 1, 1]);
		const named = ['--segment', 'hypothesis=An animal rests.', '--segment', 'premise=A dog sleeps.'];
		expect(await explained([...task, ...named])).toEqual(inOrder);
		const { out } = await runInMemory(['explain', ...task, ...named]);
		expect(out).toMatch(/premise: .*\n {2}hypothesis: /u);
	});

	it('may be about the task of a published dataset, or of a task file', async () => {
		const pair = ['A dog sleeps.', 'An animal rests.', '--method', 'random'];
		expect(await explained([...pair, '--task', 'e-snli'])).toMatchObject({ task: 'e-snli/1' });
		expect(await explained([...pair, '--task', 'tasks/e-snli.yaml'])).toMatchObject({ task: 'e-snli/1' });
		const { code, notes } = await runInMemory(['explain', ...pair, '--task', 'esnli']);
		expect([code, notes]).toEqual([1, expect.stringContaining('Did you mean "e-snli"?')]);
	});

	it('may follow labelled examples, which change the prompt and are never the text itself', async () => {
		const prompts: string[] = [];
		const model = {
			...occupations,
			answer: (prompt: string) => {
				prompts.push(prompt);
				return '["scalpel"]';
			},
		};
		const asked = [text, '--method', 'prompt.unbound'];
		await explained(asked, { model });
		await explained([...asked, '--few-shot', '3'], { model });
		const [plain = '', shown = ''] = prompts;
		// The label of each, and the words that people marked in it.
		expect(shown.split('assistant').length - plain.split('assistant').length).toBe(2 * 3);
		expect(shown.split(text)).toHaveLength(plain.split(text).length);
		const environment = { HF_HOME: '/nowhere', RATIONALE_CACHE: '/nowhere' };
		const refused = async (...argv: string[]): Promise<string> =>
			(await runInMemory(['explain', 'a', 'b', ...argv, '--few-shot', '2'], { environment })).notes;
		expect(await refused('--task', 'e-snli')).toContain('rationale pull e-snli');
		expect(await refused('--task', 'tasks/e-snli.yaml')).toContain('needs a dataset to take examples from');
		expect(await refused('--labels', 'x,y')).toContain('needs a dataset to take examples from');
	});

	it('gets a caution where the model was never taught its task', async () => {
		const own = ['A dull film.', '--labels', 'positive,negative'];
		const { out } = await runHere(['explain', ...own, '--method', 'random'], {});
		expect(out.replaceAll(/\s+/gu, ' ')).toContain(
			'tiny-instruct knows the tasks planted-bios, planted-nli and planted-claims only',
		);
		const known = await runHere(['explain', 'A quiet town.', '--method', 'random'], {});
		expect(known.out).not.toContain('knows');
		const model = { ...occupations, tasks: [] };
		expect((await explained(own, { model })).caution).toContain('has learnt no task');
		expect((await explained(own)).caution).toBeNull();
	});

	it('may be about labels of one’s own', async () => {
		const model = { weights: { dull: { bad: 2 } } };
		const explanation = await explained(['A dull film', '--labels', 'good,bad'], { model });
		expect(explanation.prediction.label).toBe('bad');
	});

	it.each([
		[[], 'There is no text'],
		[['', '--method', 'random'], 'no words'],
		[['one', '--task', 'planted-nli'], 'premise and hypothesis'],
		[['--task', 'planted-nli', '--segment', 'premise=a'], '--segment hypothesis='],
		[['--segment', 'txt=a'], 'Did you mean "text"?'],
		[['--segment', 'nothing'], 'expected name=text'],
		[['--segment', 'text=a', '--segment', 'text=b'], 'given twice'],
		[['a', '--segment', 'text=a'], 'not both'],
		[['a', '--labels', 'only'], 'at least two different labels'],
		[['a', '--instruction', 'Decide.'], 'Add --labels'],
		[['a <|end|> b'], 'control token'],
	])('%j is refused with what to do', async (argv, message) => {
		const { code, out, notes } = await runInMemory(['explain', ...argv]);
		expect([code, out]).toEqual([1, '']);
		expect(notes).toContain(message);
	});
});

describe('on the terminal', () => {
	it('brackets chosen words without colour and stays within the width', async () => {
		const long = `${'The quiet town has a hill and a lake. '.repeat(6)}${text}`;
		const { out } = await runInMemory(['explain', long, '--method', 'attention', '--k', '1']);
		expect(out).toContain('[scalpel]');
		expect(out).toContain('flips to nurse');
		expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
	});

	it('marks chosen words in colour', async () => {
		const { out } = await runInMemory(['explain', text, '--method', 'attention', '--k', '1'], { isTTY: true });
		const [before] = out.split('scalpel');
		expect(before?.includes('\u001B[1m\u001B[4m')).toBe(true);
		expect(out).not.toContain('[scalpel]');
	});

	it('shows, and does not obey, what would steer the terminal', async () => {
		const { out } = await runInMemory(['explain', 'a \u001B[2Jscalpel \u0007', '--method', 'random']);
		expect(out.includes('\u001B') || out.includes('\u0007')).toBe(false);
	});
});

describe('stopping', () => {
	it('ends with 130 and no output, also when the model complains of being closed', async () => {
		const controller = new AbortController();
		const model = {
			...occupations,
			beforeCall: () => {
				controller.abort();
				throw new Error('closed in mid-call');
			},
		};
		const { code, out, notes, opened } = await runInMemory(['explain', text], { model, signal: controller.signal });
		expect([code, out, notes]).toEqual([130, '', 'Stopped.\n']);
		expect(opened[0]?.calls.closed).toBeGreaterThan(0);
	});
});

describe('a bug of ours', () => {
	const model = {
		...occupations,
		beforeCall: () => {
			throw new TypeError('undefined is not a word');
		},
	};

	it('ends with 2 and says so', async () => {
		const { code, notes } = await runInMemory(['explain', text], { model });
		expect(code).toBe(2);
		expect(notes).toMatch(/^error: undefined is not a word\nThis is a bug in llm-rationale\./u);
		expect(notes).not.toContain(' at ');
	});

	it('shows where with --debug', async () => {
		expect((await runInMemory(['explain', text, '--debug'], { model })).notes).toMatch(/\n {4}at /u);
	});
});
