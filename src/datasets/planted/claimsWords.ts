/** The vocabulary of `planted-claims`: attributes of buildings, each with its values and ways to say them. */
import { group, type Group } from './meanings.ts';
import { words } from './patterns.ts';

export interface Attribute {
	readonly name: string;
	readonly groups: readonly Group[];
	readonly predicates: readonly string[];
}

export const ATTRIBUTES: readonly Attribute[] = [
	{
		name: 'town',
		groups: [group('Oslo Bergen', 'Norway'), group('Lisbon Porto', 'Portugal'), group('Delhi Mumbai', 'India')],
		predicates: ['stands in {value}', 'is found in {value}', 'lies in {value}', 'is located in {value}'],
	},
	{
		name: 'month',
		groups: [group('January February', 'winter'), group('April May', 'spring'), group('July August', 'summer')],
		predicates: [
			'has a fair in {value}',
			'holds a fair each {value}',
			'hosts its fair every {value}',
			'has its yearly fair in {value}',
		],
	},
	{
		name: 'material',
		groups: [group('oak pine', 'wood'), group('granite marble', 'stone'), group('copper iron', 'metal')],
		predicates: ['is made of {value}', 'consists of {value}', 'was made from {value}', 'is all {value}'],
	},
	{
		name: 'colour',
		groups: [group('crimson scarlet', 'red'), group('navy cobalt', 'blue'), group('jade khaki', 'green')],
		predicates: ['is painted {value}', 'was painted {value}', 'has {value} paint', 'wears a coat of {value} paint'],
	},
	{
		name: 'owner',
		groups: [group('bank brewery', 'company'), group('monastery convent', 'church'), group('college lyceum', 'school')],
		predicates: [
			'belongs to a {value}',
			'is owned by a {value}',
			'is the property of a {value}',
			'has a {value} as its owner',
		],
	},
	{
		name: 'emblem',
		groups: [group('falcon swan', 'bird'), group('salmon pike', 'fish'), group('lion tiger', 'cat')],
		predicates: [
			'has a {value} on its sign',
			'bears the emblem of a {value}',
			'shows a {value} on its flag',
			'uses a {value} as its emblem',
		],
	},
	{
		name: 'goods',
		groups: [
			group('roses tulips', 'flowers'),
			group('violins flutes', 'instruments'),
			group('carpets blankets', 'textiles'),
		],
		predicates: ['is known for its {value}', 'sells fine {value}', 'has a shop for {value}', 'stores many {value}'],
	},
	{
		name: 'size',
		groups: [group('lofty towering', 'tall'), group('tiny little', 'small')],
		predicates: ['is rather {value}', 'looks very {value}', 'seems quite {value}', 'is called {value}'],
	},
	{
		name: 'state',
		groups: [group('ruined crumbling', 'damaged'), group('deserted vacant', 'empty'), group('crowded packed', 'full')],
		predicates: ['is now {value}', 'was found {value}', 'is said to be {value}', 'is often {value}'],
	},
];

/** Words that say that a sentence speaks of another building; such a sentence has two of them. */
export const OTHER_BUILDING = {
	another: words('another second different separate'),
	elsewhere: words('elsewhere abroad overseas upstream'),
} as const;

export const CLAIMS_LISTS = {
	building: words('bridge tower museum theatre castle library mill station palace'),
	entity: words(`
		Marlow Torden Belmont Ashby Calder Dunmore Elgin Fairfax Glenby Harlow Ingram Kelso Lorton Melrose Norwood
		Orton Penrose Radley Selby Thorne Upton Verney Wexley Yarrow`),
	...OTHER_BUILDING,
} as const;
