/** The vocabulary of `planted-nli`: domains of which a scene has at most one value each. */
import { group, type Group } from './meanings.ts';
import { words } from './patterns.ts';

/** Domains of one family fit the same hypotheses. */
export type Family = 'state' | 'air' | 'look' | 'thing';

export interface Domain {
	readonly name: string;
	readonly family: Family;
	readonly groups: readonly Group[];
	/** Ways to say a value about the person of the scene. */
	readonly phrases: readonly string[];
	/** Where the phrase stands; only one domain each takes `noun` and `verb`. */
	readonly place: 'noun' | 'verb' | 'end';
	/** A way to say a value about a picture in the scene. */
	readonly pictured: string;
}

export const DOMAINS: readonly Domain[] = [
	{
		name: 'posture',
		family: 'state',
		groups: [
			group('sitting squatting', 'seated'),
			group('standing queueing', 'upright'),
			group('running sprinting', 'rushing'),
		],
		phrases: ['is {value}', 'is quietly {value}', 'has been {value} for a while'],
		place: 'verb',
		pictured: 'two {value} figures',
	},
	{
		name: 'mood',
		family: 'state',
		groups: [group('happy joyful', 'cheerful'), group('sad tearful', 'unhappy'), group('furious raging', 'angry')],
		phrases: ['looking {value}', 'with a {value} face', 'feeling rather {value}'],
		place: 'end',
		pictured: 'a {value} face',
	},
	{
		name: 'weather',
		family: 'air',
		groups: [group('sunny cloudless', 'bright'), group('rainy drizzly', 'wet'), group('snowy frosty', 'wintry')],
		phrases: ['on a {value} day', 'in {value} weather', 'during a {value} week'],
		place: 'end',
		pictured: 'a {value} sky',
	},
	{
		name: 'time',
		family: 'air',
		groups: [group('dawn sunrise', 'morning'), group('noon midday', 'lunchtime'), group('dusk sunset', 'evening')],
		phrases: ['at {value}', 'around {value}', 'just at {value}'],
		place: 'end',
		pictured: 'the sea at {value}',
	},
	{
		name: 'colour',
		family: 'look',
		groups: [group('crimson scarlet', 'red'), group('navy cobalt', 'blue'), group('golden saffron', 'yellow')],
		phrases: ['in a {value} {garment}', 'wearing a {value} {garment}', 'with a {value} {garment}'],
		place: 'end',
		pictured: 'a {value} {garment}',
	},
	{
		name: 'size',
		family: 'look',
		groups: [group('large huge', 'big'), group('tiny little', 'small')],
		phrases: ['with a {value} {luggage}', 'carrying a {value} {luggage}', 'holding a {value} {luggage}'],
		place: 'end',
		pictured: 'a {value} {luggage}',
	},
	{
		name: 'job',
		family: 'thing',
		groups: [
			group('professor tutor', 'teacher'),
			group('drummer pianist', 'musician'),
			group('constable detective', 'policeman'),
		],
		phrases: ['{value}'],
		place: 'noun',
		pictured: 'a {value} at work',
	},
	{
		name: 'animal',
		family: 'thing',
		groups: [group('poodle beagle', 'dog'), group('pony stallion', 'horse'), group('parrot pigeon', 'bird')],
		phrases: ['next to a {value}', 'beside a {value}', 'close to a {value}'],
		place: 'end',
		pictured: 'a {value} on grass',
	},
	{
		name: 'vehicle',
		family: 'thing',
		groups: [group('taxi limousine', 'car'), group('ferry yacht', 'boat'), group('tram locomotive', 'train')],
		phrases: ['near a {value}', 'waiting for a {value}', 'in front of a {value}'],
		place: 'end',
		pictured: 'a {value} in full speed',
	},
	{
		name: 'food',
		family: 'thing',
		groups: [group('pear plum', 'fruit'), group('carrot leek', 'vegetable'), group('salmon trout', 'fish')],
		phrases: ['eating a {value}', 'holding a {value}', 'buying a {value}'],
		place: 'end',
		pictured: 'a {value} on a plate',
	},
];

/** What can be said about a scene without telling of whom, by family. */
export const HYPOTHESES: Readonly<Record<Family, readonly string[]>> = {
	state: [
		'somebody is {value}.',
		'the person is {value}.',
		'the person in the scene is {value}.',
		'there is somebody who is {value}.',
		'a person here is {value}.',
	],
	air: [
		'it is {value}.',
		'in the scene, it is {value}.',
		'clearly, it is {value} there.',
		'it must be {value}.',
		'we can tell that it is {value}.',
	],
	look: [
		'somebody has something {value}.',
		'one of the things is {value}.',
		'there is something {value} in the scene.',
		'the person has a thing that is {value}.',
		'something in the scene is {value}.',
	],
	thing: [
		'there is a {value}.',
		'the scene includes a {value}.',
		'there is a {value} in the scene.',
		'we can see a {value}.',
		'somebody can see a {value} there.',
	],
};

/** Words that say that a clause speaks of a picture; such a clause has two of them or more. */
export const PICTURE = {
	depiction: words('poster painting mural billboard photograph'),
	shows: words('shows depicts portrays'),
	background: words('background distance'),
} as const;

export const NLI_LISTS = {
	garment: words('coat jacket shirt scarf sweater hat'),
	luggage: words('box bag parcel basket suitcase'),
	person: words('woman man girl boy lady gentleman'),
	waits: words('waits rests stays pauses lingers'),
	...PICTURE,
} as const;
