/**
 * `planted-nli`: does the premise say what the hypothesis says? A premise tells two or three facts of a scene, each from
 * another domain (weather, animal, mood ...); the hypothesis names a value of one domain.
 *
 * - entailment: the premise has the same value or one that means it (poodle, dog); both words decide;
 * - contradiction: the premise has a value of that domain that excludes it (pony, dog); both words decide;
 * - neutral: the premise has no value of that domain; the hypothesis's word decides.
 *
 * Replacing all deciding words by the counterfactual wording, or any one of them, changes the label. Replacing any
 * other single word does not: by a word of the same slot kind (a value by values of its domain), by a word that the
 * patterns spell out (for such words), or by a filler such as "something". Hypotheses never tell of whom they speak, so
 * that the person's wording is of no consequence. Clauses about a picture carry two or three markers ("a poster
 * in the background shows"), each of which is enough, and tell nothing about the scene.
 */
import { entryOf } from '../../core/present.ts';
import type { Random } from '../../core/random.ts';
import type { Task } from '../../core/task.ts';
import { drawPair, drawPairWhere, pairRewordings, valuesOf } from './meanings.ts';
import { DOMAINS, HYPOTHESES, NLI_LISTS, type Domain } from './nliWords.ts';
import { deciding, fill, frameWords, isHeldOut, isLabelHeldOut, sentence, type Slots } from './patterns.ts';
import { plantedGenerator, type Draft } from './planted.ts';

const LABELS = ['entailment', 'neutral', 'contradiction'] as const;

/** Labels of a pair that entails and of one that does not. */
const PAIR_LABELS = { entailed: 'entailment', excluded: 'contradiction' } as const;

const SUBJECTS = {
	plain: ['a {person}', 'one {person}', 'the {person}', 'a {person} from abroad'],
	noun: ['a {noun}', 'one {noun}', 'the {noun}'],
} as const;

const VERBS = ['{waits}', 'can be seen', '{waits} for a friend'] as const;

const PICTURE_PATTERNS = [
	', while a {depiction} in the {background} {shows} {pictured}.',
	'. In the {background}, a framed {depiction} {shows} {pictured}.',
	'. A {depiction} in the {background} {shows} {pictured}.',
	', and in the {background} a {depiction} {shows} {pictured}.',
	'. The {depiction} in the {background} {shows} {pictured}.',
] as const;

const ENDINGS = [
	'.',
	'. Several others walk past.',
	'. Nobody else is around.',
	', and music comes from afar.',
	'. Some leaves lie on the ground.',
] as const;

const TASK: Task = {
	id: 'planted-nli',
	instruction:
		'A scene has one of each kind. Is the hypothesis true of the scene in the premise? Answer with one word: yes, no or maybe.',
	segmentTitles: { premise: 'Premise', hypothesis: 'Hypothesis' },
	labels: LABELS,
	verbalizers: { entailment: 'yes', neutral: 'maybe', contradiction: 'no' },
};

const SHARE = { meant: 0.6, picture: 0.5, sameDomain: 0.6, heldOutPattern: 0.3, heldOutPair: 0.12 } as const;

export const plantedNli = plantedGenerator({
	id: 'planted-nli',
	task: TASK,
	segments: ['premise', 'hypothesis'],
	lexicon: {
		...NLI_LISTS,
		...Object.fromEntries(DOMAINS.map((domain) => [domain.name, valuesOf(domain.groups)])),
		frame: frameWords([
			...Object.values(SUBJECTS).flat(),
			...VERBS,
			...PICTURE_PATTERNS,
			...ENDINGS,
			...DOMAINS.flatMap(({ phrases, pictured }) => [...phrases, pictured]),
			...Object.values(HYPOTHESES).flat(),
		]),
	},
	draft: draftPair,
});

/** Every premise has a value of a sibling of the target: what it tells besides the target says nothing about the label. */
function draftPair(label: string, random: Random): Draft {
	const target = random.pick(DOMAINS);
	const neutral = label === 'neutral';
	const companions = DOMAINS.filter((domain) => domain !== target);
	const sibling = random.pick(companions.filter(({ family }) => family === target.family));
	const others = companions.filter((domain) => domain !== sibling);
	const facts = [neutral ? [] : target, sibling, random.sample(others, random.integer(2) + (neutral ? 1 : 0))].flat();
	const [said, meant] = drawPair(target.groups, label !== 'contradiction', random);
	const values = new Map(facts.map((domain) => [domain, random.pick(random.pick(domain.groups).said)]));
	if (!neutral) values.set(target, deciding(said));
	const premise = writePremise(values, target, random);
	const hypothesis = random.pick(HYPOTHESES[target.family]);
	return {
		texts: [premise.text, sentence(fill(hypothesis, { value: deciding(meant) }, random))],
		label,
		template: [...premise.patterns, hypothesis].join(' / '),
		heldOut:
			isLabelHeldOut(SHARE.heldOutPattern, LABELS, label, [...premise.patterns.slice(0, 3), hypothesis].join(' / ')) ||
			isHeldOut(SHARE.heldOutPair, label, neutral ? '' : said, meant, hypothesis),
		...(neutral
			? neutralRewordings(sibling, entryOf(values, sibling, 'value'), random)
			: pairRewordings(target.groups, [said, meant], PAIR_LABELS, random)),
	};
}

/** Returns the rewording that lets the hypothesis speak of `sibling`, whose value `said` the premise has. */
function neutralRewordings(sibling: Domain, said: string, random: Random): Pick<Draft, 'counterfactual' | 'singles'> {
	const entailed = random.next() < 0.5;
	const [, meant] = drawPairWhere(sibling.groups, entailed, random, (pair) => pair[0] === said);
	const counterfactual = { words: [meant], label: entailed ? PAIR_LABELS.entailed : PAIR_LABELS.excluded };
	return { counterfactual, singles: [counterfactual] };
}

/** Returns the premise that tells these values, with or without a picture, preferably of the target domain. */
function writePremise(
	values: ReadonlyMap<Domain, string>,
	target: Domain,
	random: Random,
): { text: string; patterns: readonly string[] } {
	const said = random.shuffle([...values]).map(([domain, value]) => {
		const pattern = random.pick(domain.phrases);
		const slots = { ...NLI_LISTS, value };
		return { place: domain.place, pattern, text: fill(pattern, slots, random) };
	});
	const at = (place: Domain['place']) => said.filter((phrase) => phrase.place === place);
	const [noun, verb] = [at('noun')[0], at('verb')[0]];
	const shown = random.next() < SHARE.picture;
	const pictured = random.next() < SHARE.sameDomain ? target : random.pick(DOMAINS);
	const patterns = {
		subject: random.pick(noun ? SUBJECTS.noun : SUBJECTS.plain),
		verb: verb?.pattern ?? random.pick(VERBS),
		ending: shown ? random.pick(PICTURE_PATTERNS) : random.pick(ENDINGS),
	};
	const slots: Slots = { ...NLI_LISTS, noun: noun?.text ?? '' };
	const picture = fill(
		pictured.pictured,
		{ ...NLI_LISTS, value: pictured.groups.flatMap((group) => group.said) },
		random,
	);
	const text = [
		fill(patterns.subject, slots, random),
		verb?.text ?? fill(patterns.verb, slots, random),
		...at('end').map((phrase) => phrase.text),
	].join(' ');
	return {
		text: sentence(text) + fill(patterns.ending, { ...slots, pictured: picture }, random),
		patterns: [
			patterns.subject,
			patterns.verb,
			...at('end').map(({ pattern }) => pattern),
			...(shown ? [patterns.ending, pictured.pictured] : [patterns.ending]),
		],
	};
}
