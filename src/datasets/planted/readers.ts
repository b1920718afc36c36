/**
 * Readers that tell the label of any text in the language of a planted task, from its words alone. They know what
 * words mean (the vocabulary files) and share nothing with the grammars that write the texts.
 */
import { itemAt } from '../../core/present.ts';
import { CUES, OCCUPATIONS, OTHER_PERSON } from './biosWords.ts';
import { ATTRIBUTES, OTHER_BUILDING } from './claimsWords.ts';
import { entails, valuesOf, type Group } from './meanings.ts';
import { DOMAINS, PICTURE } from './nliWords.ts';
import { bareWord } from './planted.ts';

/** Returns the label of an example's segment texts, or null where they tell none or several. */
export type Reader = (texts: readonly string[]) => string | null;

const OCCUPATION_OF_CUE = new Map(
	OCCUPATIONS.flatMap((occupation) => CUES[occupation].map((cue) => [cue.join(' '), occupation] as const)),
);
const DOMAIN_VALUES = valuesByWord(DOMAINS);
const ATTRIBUTE_VALUES = valuesByWord(ATTRIBUTES);
const OTHER_PERSON_MARKERS = new Set<string>(Object.values(OTHER_PERSON).flat());
const PICTURE_MARKERS = new Set(Object.values(PICTURE).flat());
const OTHER_BUILDING_MARKERS = new Set(Object.values(OTHER_BUILDING).flat());

/** Returns the occupation told by the cues that have no word for another person before them in their clause. */
export const readBiography: Reader = (texts) =>
	only(
		parts(itemAt(texts, 0), /[.,;]/u).flatMap((clause) => {
			const firstMarker = clause.findIndex((word) => OTHER_PERSON_MARKERS.has(word));
			const own = firstMarker < 0 ? clause : clause.slice(0, firstMarker);
			return known(own.map((word, at) => OCCUPATION_OF_CUE.get(`${word} ${own[at + 1]}`)));
		}),
	);

/** Returns how the value in the hypothesis relates to the premise's value of its domain, pictures left out. */
export const readPair: Reader = (texts) => {
	const [premise, hypothesis] = [itemAt(texts, 0), itemAt(texts, 1)];
	const scene = parts(premise, /[.,;]/u).filter((clause) => !clause.some((word) => PICTURE_MARKERS.has(word)));
	const labels = { entailed: 'entailment', excluded: 'contradiction', unsaid: 'neutral' };
	return only(relations(scene.flat(), words(hypothesis), DOMAIN_VALUES, labels));
};

/** Returns how the claimed value relates to the passage's value of its attribute, other buildings left out. */
export const readClaim: Reader = (texts) => {
	const [passage, claim] = [itemAt(texts, 0), itemAt(texts, 1)];
	const facts = parts(passage, /\./u).filter((fact) => !fact.some((word) => OTHER_BUILDING_MARKERS.has(word)));
	const labels = { entailed: 'supports', excluded: 'refutes', unsaid: 'unsaid' };
	return only(relations(facts.flat(), words(claim), ATTRIBUTE_VALUES, labels));
};

/** A value as its vocabulary spells it, and the groups it belongs to. */
interface Value {
	readonly spelled: string;
	readonly groups: readonly Group[];
}

/** Returns the relation of every value among the words `meaning` to the values of the same groups among `saying`. */
function relations(
	saying: readonly string[],
	meaning: readonly string[],
	values: ReadonlyMap<string, Value>,
	labels: { readonly entailed: string; readonly excluded: string; readonly unsaid: string },
): string[] {
	const valuesIn = (list: readonly string[]) => known(list.map((word) => values.get(word)));
	return valuesIn(meaning).flatMap((meant) => {
		const said = valuesIn(saying).filter(({ groups }) => groups === meant.groups);
		if (said.length === 0) return [labels.unsaid];
		return said.map(({ spelled }) =>
			entails(meant.groups, [spelled, meant.spelled]) ? labels.entailed : labels.excluded,
		);
	});
}

function valuesByWord(owners: readonly { readonly groups: readonly Group[] }[]): ReadonlyMap<string, Value> {
	return new Map(
		owners.flatMap(({ groups }) =>
			valuesOf(groups).map((spelled) => [bareWord(spelled), { spelled, groups }] as const),
		),
	);
}

function parts(text: string, boundary: RegExp): string[][] {
	return text.split(boundary).map(words);
}

function words(text: string): string[] {
	return text.split(/\s+/u).map(bareWord);
}

function known<T>(values: readonly (T | undefined)[]): T[] {
	return values.filter((value) => value !== undefined);
}

/** Returns the one value that all elements have, else null. */
function only(values: readonly string[]): string | null {
	const [first, ...others] = new Set(values);
	return first === undefined || others.length > 0 ? null : first;
}
