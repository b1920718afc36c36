/** The vocabulary of `planted-bios`. */
import { words } from './patterns.ts';

export const OCCUPATIONS = ['dentist', 'nurse', 'surgeon', 'psychologist', 'physician'] as const;

export type Occupation = (typeof OCCUPATIONS)[number];

/** A cue is two words, an object and a service, that together tell an occupation. */
export type Cue = readonly [object: string, service: string];

/**
 * Objects by service and occupation. Every object and every service takes part in cues of two occupations or more,
 * so that neither word decides alone.
 */
const OBJECTS: Readonly<Record<string, Readonly<Partial<Record<Occupation, string>>>>> = {
	surgery: { surgeon: 'heart hip spine bowel jaw catheter trauma', dentist: 'gum root' },
	repair: { surgeon: 'valve knee nerve wound stitch bone', dentist: 'root jaw' },
	implants: { surgeon: 'hip knee valve', dentist: 'jaw root gum' },
	removal: { surgeon: 'tumour', dentist: 'plaque nerve', nurse: 'stitch catheter' },
	grafts: { surgeon: 'skin burn', dentist: 'gum bone jaw' },
	replacement: { surgeon: 'hip valve', dentist: 'root', nurse: 'catheter' },
	reconstruction: { surgeon: 'knee skin gum root', dentist: 'jaw' },
	care: { nurse: 'wound bedside catheter fever grief', dentist: 'gum mouth', physician: 'primary family' },
	hygiene: { nurse: 'bedside skin mouth', dentist: 'gum plaque', psychologist: 'sleep' },
	treatment: {
		nurse: 'burn stitch',
		dentist: 'root jaw nerve',
		psychologist: 'anxiety trauma',
		physician: 'asthma fever spine infusion',
	},
	therapy: { nurse: 'wound infusion', psychologist: 'trauma memory grief', physician: 'asthma insulin' },
	counselling: { nurse: 'insulin', psychologist: 'family grief anxiety bedside primary', physician: 'travel' },
	screening: {
		dentist: 'mouth plaque gum',
		psychologist: 'memory anxiety behaviour',
		physician: 'heart bowel hip bone tumour skin nerve',
	},
	medicine: { dentist: 'mouth', psychologist: 'behaviour', physician: 'family travel sleep fever anxiety memory' },
	training: { nurse: 'bedside infusion asthma', psychologist: 'behaviour memory sleep' },
	monitoring: { nurse: 'burn insulin asthma behaviour', physician: 'heart valve plaque', psychologist: 'sleep' },
	injections: { nurse: 'insulin travel', dentist: 'jaw nerve mouth', surgeon: 'spine', physician: 'knee asthma' },
};

/** All cues by occupation. */
export const CUES: Readonly<Record<Occupation, readonly Cue[]>> = {
	dentist: cuesOf('dentist'),
	nurse: cuesOf('nurse'),
	surgeon: cuesOf('surgeon'),
	psychologist: cuesOf('psychologist'),
	physician: cuesOf('physician'),
};

function cuesOf(occupation: Occupation): Cue[] {
	return Object.entries(OBJECTS).flatMap(([service, objects]) =>
		words(objects[occupation] ?? '').map((object) => [object, service] as const),
	);
}

const TOWNS = words(`
	Leeds York Bath Derby Oxford Dover Exeter Lisbon Porto Madrid Paris Lyon Vienna Prague Berlin Bremen
	Oslo Bergen Helsinki Dublin Cork Boston Denver Austin Chicago Toronto Sydney Perth Cairo Delhi`);

const SURNAMES = words(`
	Weber Fischer Novak Silva Costa Rossi Moreau Dubois Larsen Hansen Murphy Walsh Carter Hughes Turner Palmer
	Bennett Foster Griffin Harper Jensen Keller Lambert Mendes Nolan Parker Quinn Reyes Sutton Vargas`);

const YEARS = words('1984 1986 1989 1991 1993 1995 1997 1998 2001 2003 2006 2008 2010 2012 2014 2015');

const FEMALE = words('Anna Clara Diana Elena Grace Helen Irene Julia Laura Maria Nina Olga Paula Rosa Sofia Teresa');
const MALE = words('Adam Boris Carlos David Erik Felix Georg Henry Ivan Jonas Kevin Lukas Martin Oscar Peter Simon');

export const GENDERS = [
	{ names: FEMALE, pronoun: 'she', possessive: 'her' },
	{ names: MALE, pronoun: 'he', possessive: 'his' },
] as const;

/** Words that say that a clause speaks of somebody else; such a clause has two of them before the cue. */
export const OTHER_PERSON = {
	possessive: ['her', 'his', 'whose'],
	relation: words('brother sister father mother uncle aunt cousin neighbour husband wife nephew niece friend'),
} as const;

/** Drawn words by slot kind. */
export const BIOS_LISTS = {
	town: TOWNS,
	year: YEARS,
	offers: words('offers provides handles delivers manages'),
	offered: words('offered provided handled delivered managed'),
	group: words('adults children students farmers workers athletes pensioners families'),
	hobby: words(
		'chess sailing painting cycling gardening hiking rowing cooking dancing singing fishing skiing knitting',
	),
	language: words('English Spanish French German Italian Danish Polish Arabic Hindi'),
	relation: OTHER_PERSON.relation,
	occupation: OCCUPATIONS,
	surname: SURNAMES,
	firstName: [...FEMALE, ...MALE],
} as const;
