/**
 * `planted-bios`: the occupation of the person a short biography describes, told by one or two cues ("hip surgery").
 *
 * Replacing all cues by cues of another occupation changes the label. With a single cue, so does replacing its object
 * or its service alone. Replacing any other single word does not change it: by a word of the same slot kind, by a
 * word that the sentence patterns spell out (for such words), or by a filler such as "something". Clauses about
 * somebody else carry two markers, a possessive and a relation ("her brother"), either of which is enough: replacing
 * both at once would hand the other person's cue to the described person. Occupation nouns never decide.
 */
import { itemAt } from '../../core/present.ts';
import type { Random } from '../../core/random.ts';
import type { Task } from '../../core/task.ts';
import { BIOS_LISTS, CUES, GENDERS, OCCUPATIONS, OTHER_PERSON, type Cue, type Occupation } from './biosWords.ts';
import { deciding, fill, frameWords, isHeldOut, isLabelHeldOut, sentence } from './patterns.ts';
import { plantedGenerator, type Draft, type Rewording } from './planted.ts';

const CUE_PATTERNS = [
	'{subject} {offers} {cue} in {town}.',
	'{subject} is best known for {cue}.',
	'{subject} has {offered} {cue} since {year}.',
	'for many years, {subject} has focused on {cue}.',
	'{subject} spends most days on {cue} for {group}.',
	'since {year}, {subject} has worked in {cue}.',
	'{group} from {town} trust {subject} with {cue}.',
	'{subject} teaches {cue} to {group} in {town}.',
	'{subject} wrote a handbook on {cue}.',
	'after a year in {town}, {subject} turned to {cue}.',
	'{subject} runs a small practice for {cue} near {town}.',
	'people praise the {cue} that {subject} {offers}.',
	'on weekdays, {subject} {offers} {cue} to {group}.',
	'in {town}, {subject} is the first choice for {cue}.',
	'a typical morning of {subject} begins with {cue}.',
	'{subject} took a course in {cue} and now {offers} it.',
] as const;

/** Patterns in which somebody else does something too; each clause about them has both markers. */
const MIXED_PATTERNS = [
	'while {possessive} {relation} {offers} {otherCue}, {subject} {offers} {cue}.',
	'{subject} {offers} {cue}, but {possessive} {relation} prefers {otherCue}.',
	'{subject}, whose {relation} is a {occupation}, {offers} {cue} in {town}.',
	'{possessive} {relation} is a {occupation}, yet {subject} chose {cue}.',
	'unlike {possessive} {relation} in {otherCue}, {subject} works in {cue}.',
	'{subject}, whose {relation} {offers} {otherCue}, is known for {cue}.',
] as const;

const OTHER_PATTERNS = [
	'{possessive} {relation} is a {occupation} in {town}.',
	'{possessive} {relation} {offers} {otherCue} in {town}.',
	'{possessive} {relation} is best known for {otherCue}.',
	'since {year}, {possessive} {relation} has worked in {otherCue}.',
	'for many years, {possessive} {relation} has focused on {otherCue}.',
	'{subject} shares a house with {possessive} {relation}, a {occupation}.',
	'{possessive} {relation} wrote a handbook on {otherCue}.',
	'{subject} often visits {possessive} {relation} who {offers} {otherCue}.',
	'on weekdays, {possessive} {relation} {offers} {otherCue} to {group}.',
	'as a {occupation}, {possessive} {relation} often goes to {town}.',
] as const;

const FILLER_PATTERNS = [
	'{subject} was born in {town}.',
	'{subject} grew up near {town} and speaks {language}.',
	'{subject} studied in {town} until {year}.',
	'in {possessive} free time, {subject} enjoys {hobby}.',
	'{subject} likes {hobby} and old films.',
	'{subject} lives in {town} with two cats.',
	'{subject} moved to {town} in {year}.',
	'at home, {subject} speaks {language}.',
	'every summer, {subject} goes to {town} for {hobby}.',
	'{subject} won a prize in {year}.',
	'{subject} started to work in {year}.',
	'{subject} gave a talk in {town} in {year}.',
	'in {year}, {subject} bought a house near {town}.',
	'{subject} reads novels in {language}.',
	'{subject} joined a {hobby} club in {year}.',
	'on sundays, {subject} walks along the river.',
] as const;

const TASK: Task = {
	id: 'planted-bios',
	instruction: `Read the biography and name the occupation of the person. Answer with one word: dentist, nurse, surgeon, psychologist or physician.`,
	segmentTitles: { text: 'Biography' },
	labels: OCCUPATIONS,
	verbalizers: Object.fromEntries(OCCUPATIONS.map((occupation) => [occupation, occupation])),
};

const SHARE = { twoCues: 0.3, mixed: 0.3, other: 0.5, heldOutPattern: 0.4, heldOutCue: 0.12 } as const;

export const plantedBios = plantedGenerator({
	id: 'planted-bios',
	task: TASK,
	segments: ['text'],
	lexicon: {
		...BIOS_LISTS,
		possessive: OTHER_PERSON.possessive,
		pronoun: GENDERS.map(({ pronoun }) => pronoun),
		object: cueWords(0),
		service: cueWords(1),
		frame: frameWords([...CUE_PATTERNS, ...MIXED_PATTERNS, ...OTHER_PATTERNS, ...FILLER_PATTERNS]).filter(
			(word) => word !== 'whose',
		),
	},
	draft: draftBiography,
});

function cueWords(position: 0 | 1): string[] {
	return [...new Set(OCCUPATIONS.flatMap((occupation) => CUES[occupation].map((cue) => cue[position])))];
}

function draftBiography(label: string, random: Random): Draft {
	const occupation = occupationOf(label);
	const patterns = drawPatterns(random);
	const cuePatterns = patterns.filter((pattern) => pattern.includes('{cue}'));
	const cues = random.sample(CUES[occupation], cuePatterns.length);
	return {
		texts: [writeBiography(patterns, cues, occupation, random)],
		label,
		template: patterns.join(' / '),
		heldOut: cuePatterns.some(
			(pattern, number) =>
				isLabelHeldOut(SHARE.heldOutPattern, OCCUPATIONS, label, pattern) ||
				isHeldOut(SHARE.heldOutCue, label, itemAt(cues, number).join(' '), pattern),
		),
		counterfactual: otherOccupation(cues, occupation, random),
		singles: cues.length === 1 && cues[0] !== undefined ? oneWordReplaced(cues[0], occupation, random) : [],
	};
}

function occupationOf(label: string): Occupation {
	const occupation = OCCUPATIONS.find((known) => known === label);
	if (occupation === undefined) throw new RangeError(`Internal: no occupation "${label}"`);
	return occupation;
}

/** Returns three or four different patterns in random order; the first names the described person. */
function drawPatterns(random: Random): string[] {
	const mixed = random.next() < SHARE.mixed;
	const twoCues = random.next() < SHARE.twoCues;
	const other = !mixed && random.next() < SHARE.other;
	const drawn = [
		...random.sample(MIXED_PATTERNS, mixed ? 1 : 0),
		...random.sample(CUE_PATTERNS, (mixed ? 0 : 1) + (twoCues ? 1 : 0)),
		...random.sample(OTHER_PATTERNS, other ? 1 : 0),
	];
	const fillers = random.sample(FILLER_PATTERNS, Math.max(1, 3 + random.integer(2) - drawn.length));
	const ordered = random.shuffle([...drawn, ...fillers]);
	const first = ordered.findIndex(introduces);
	return [...ordered.slice(first), ...ordered.slice(0, first)];
}

/** Returns true when the pattern speaks of the described person before anybody else. */
function introduces(pattern: string): boolean {
	const subject = pattern.indexOf('{subject}');
	const possessive = pattern.indexOf('{possessive}');
	return subject >= 0 && (possessive < 0 || subject < possessive);
}

function writeBiography(
	patterns: readonly string[],
	cues: readonly Cue[],
	occupation: Occupation,
	random: Random,
): string {
	const gender = random.pick(GENDERS);
	const firstName = random.pick(gender.names);
	const fullName = `${firstName} ${random.pick(BIOS_LISTS.surname)}`;
	const otherCues = OCCUPATIONS.filter((other) => other !== occupation).flatMap((other) => CUES[other]);
	let cueNumber = 0;
	return patterns
		.map((pattern, number) => {
			const cue = pattern.includes('{cue}') ? deciding(...itemAt(cues, cueNumber++)) : '';
			const otherCue = random.pick(otherCues).join(' ');
			const name = number === 0 ? fullName : firstName;
			const pronounFits = number > 0 && !/ (with|of) \{subject\}|trust \{subject\}/u.test(pattern);
			const subject = pronounFits && random.next() < 0.7 ? gender.pronoun : name;
			return sentence(fill(pattern, { ...BIOS_LISTS, cue, otherCue, subject, possessive: gender.possessive }, random));
		})
		.join(' ');
}

/** Returns cues of another occupation for all cues, every word different from the one it replaces. */
function otherOccupation(cues: readonly Cue[], occupation: Occupation, random: Random): Rewording {
	const label = random.pick(OCCUPATIONS.filter((other) => other !== occupation));
	const replacements = cues.map((cue) =>
		random.pick(CUES[label].filter(([object, service]) => object !== cue[0] && service !== cue[1])),
	);
	return { words: replacements.flat(), label };
}

/** Returns two rewordings: another object with this service, and another service with this object. */
function oneWordReplaced(cue: Cue, occupation: Occupation, random: Random): Rewording[] {
	const others = OCCUPATIONS.filter((other) => other !== occupation).flatMap((label) =>
		CUES[label].map((words) => ({ words, label })),
	);
	return [
		random.pick(others.filter(({ words: [object, service] }) => object !== cue[0] && service === cue[1])),
		random.pick(others.filter(({ words: [object, service] }) => object === cue[0] && service !== cue[1])),
	];
}
