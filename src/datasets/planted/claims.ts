/**
 * `planted-claims`: does the passage support a claim about one attribute of a building, or refute it?
 *
 * One sentence of the passage gives the value of that attribute; the others give other attributes, tell of other
 * buildings or of neither. A value supports a claim of the same value or of one it means (Oslo, Norway) and refutes any
 * other of that attribute (Oslo, India); the two values decide. Replacing both by the
 * counterfactual wording, or either, changes the label. Replacing any other single word does not: by a word of the
 * same slot kind (a value by values of its attribute), by a word that the patterns spell out (for such words), or by a
 * filler such as "something". A passage is about the building of its claim, and other buildings have no name: names are
 * of no consequence. Sentences about other buildings carry two markers ("another ... elsewhere"), each of which is enough.
 */
import { lastOf } from '../../core/present.ts';
import type { Random } from '../../core/random.ts';
import type { Task } from '../../core/task.ts';
import { ATTRIBUTES, CLAIMS_LISTS, type Attribute } from './claimsWords.ts';
import { drawPair, drawPairWhere, pairRewordings, saidOf, valuesOf } from './meanings.ts';
import { deciding, fill, frameWords, isHeldOut, isLabelHeldOut, sentence } from './patterns.ts';
import { plantedGenerator, type Draft } from './planted.ts';

const LABELS = ['supports', 'refutes'] as const;

/** Labels of a claim that the stated value entails, and of one that it excludes. */
const PAIR_LABELS = { entailed: 'supports', excluded: 'refutes' } as const;

const CLAIM_PATTERNS = [
	'{subject} {predicate}.',
	'it is said that {subject} {predicate}.',
	'as people say, {subject} {predicate}.',
	'we read that {subject} {predicate}.',
] as const;

const FACT_PATTERNS = [
	'{subject} {predicate}.',
	'records show that {subject} {predicate}.',
	'guides explain that {subject} {predicate}.',
	'it is true that {subject} {predicate}.',
	'in fact, {subject} {predicate}.',
] as const;

const OTHER_PATTERNS = [
	'{another} {building} {elsewhere} {predicate}.',
	'{elsewhere}, {another} {building} {predicate}.',
	'guides add that {another} {building} {elsewhere} {predicate}.',
] as const;

const FILLER_PATTERNS = [
	'many visitors come by train.',
	'entry is free on sundays.',
	'tickets are sold at the door.',
	'some people take photographs.',
	'there is a quiet garden.',
	'tours last one hour.',
] as const;

const TASK: Task = {
	id: 'planted-claims',
	instruction: 'Check the claim against the passage. Answer with one word: true or false.',
	segmentTitles: { passage: 'Passage', claim: 'Claim' },
	labels: LABELS,
	verbalizers: { supports: 'true', refutes: 'false' },
};

const SHARE = {
	other: 0.6,
	sameAttribute: 0.75,
	tempting: 0.5,
	filler: 0.3,
	heldOutPattern: 0.2,
	heldOutPair: 0.12,
	heldOutValue: 0.12,
} as const;

const OTHER_LISTS = {
	...CLAIMS_LISTS,
	another: CLAIMS_LISTS.another.map((word) => (word === 'another' ? word : `a ${word}`)),
};

export const plantedClaims = plantedGenerator({
	id: 'planted-claims',
	task: TASK,
	segments: ['passage', 'claim'],
	lexicon: {
		...CLAIMS_LISTS,
		...Object.fromEntries(ATTRIBUTES.map(({ name, groups }) => [name, valuesOf(groups)])),
		frame: frameWords([
			...CLAIM_PATTERNS,
			...FACT_PATTERNS,
			...OTHER_PATTERNS,
			...FILLER_PATTERNS,
			...ATTRIBUTES.flatMap(({ predicates }) => predicates),
			'a the it',
		]),
	},
	draft: draftClaim,
});

/** A sentence to write: its pattern, its predicate and the value this takes. */
interface Statement {
	readonly pattern: string;
	readonly predicate: string;
	readonly value: string;
}

function draftClaim(label: string, random: Random): Draft {
	const attribute = random.pick(ATTRIBUTES);
	const [stated, claimed] = drawPair(attribute.groups, label === PAIR_LABELS.entailed, random);
	const claim = statement(CLAIM_PATTERNS, attribute, deciding(claimed), random);
	const fact = statement(FACT_PATTERNS, attribute, deciding(stated), random);
	const ordered = startingWithFact(random.shuffle([fact, ...decoys(attribute, claimed, label, random)]));
	const subject = `the ${random.pick(CLAIMS_LISTS.entity)} ${random.pick(CLAIMS_LISTS.building)}`;
	const { counterfactual, singles } = pairRewordings(attribute.groups, [stated, claimed], PAIR_LABELS, random);
	return {
		texts: [writePassage(ordered, subject, random), write(claim, subject, random)],
		label,
		template: [...ordered, claim].map(({ pattern, predicate }) => `${pattern} ${predicate}`).join(' / '),
		heldOut:
			isHeldOut(SHARE.heldOutPair, claim.predicate, fact.predicate) ||
			isHeldOut(SHARE.heldOutValue, label, claimed, fact.pattern, fact.predicate) ||
			isLabelHeldOut(SHARE.heldOutPattern, LABELS, label, `${fact.pattern} ${fact.predicate}`),
		counterfactual,
		singles,
	};
}

function statement(patterns: readonly string[], attribute: Attribute, value: string, random: Random): Statement {
	return { pattern: random.pick(patterns), predicate: random.pick(attribute.predicates), value };
}

/** Returns two or three sentences that do not decide; one about another building may tempt to the other label. */
function decoys(attribute: Attribute, claimed: string, label: string, random: Random): Statement[] {
	const [first, second, third] = random.sample(
		ATTRIBUTES.filter((candidate) => candidate !== attribute),
		3,
	) as [Attribute, Attribute, Attribute];
	const fact = (decoy: Attribute) => statement(FACT_PATTERNS, decoy, random.pick(saidOf(decoy.groups)), random);
	const otherAttribute = random.next() < SHARE.sameAttribute ? attribute : third;
	const tempting = otherAttribute === attribute && random.next() < SHARE.tempting;
	const otherValue = tempting
		? drawPairWhere(attribute.groups, label === PAIR_LABELS.excluded, random, (pair) => pair[1] === claimed)[0]
		: random.pick(saidOf(otherAttribute.groups));
	const other = statement(OTHER_PATTERNS, otherAttribute, otherValue, random);
	const filler = { pattern: random.pick(FILLER_PATTERNS), predicate: '', value: '' };
	const hasOther = random.next() < SHARE.other;
	return [fact(first), hasOther ? other : fact(second), ...(random.next() < SHARE.filler ? [filler] : [])];
}

/** Returns the statements turned so that the first one is about the building of the claim. */
function startingWithFact(statements: readonly Statement[]): Statement[] {
	const first = statements.findIndex(({ pattern }) => pattern.includes('{subject}'));
	return [...statements.slice(first), ...statements.slice(0, first)];
}

function writePassage(statements: readonly Statement[], subject: string, random: Random): string {
	const building = lastOf(subject.split(' '));
	return statements
		.map((said, number) => write(said, number === 0 ? subject : random.pick(['it', 'it', `the ${building}`]), random))
		.join(' ');
}

function write({ pattern, predicate, value }: Statement, subject: string, random: Random): string {
	return sentence(fill(pattern, { ...OTHER_LISTS, subject, predicate: fill(predicate, { value }, random) }, random));
}
