/** `rationale methods`: the rationale methods and what they say about themselves. */
import type { Command } from 'commander';
import type { MethodDeclaration } from '../../core/declarations.ts';
import { wrapText } from '../layout.ts';
import type { Session } from '../session.ts';
import type { Channel } from '../terminal.ts';

/** Adds the command. */
export function addMethods(program: Command, session: Session): void {
	program
		.command('methods')
		.summary('rationale methods: what they need and where they come from')
		.description('Lists the rationale methods: what they need of a model, what their scores mean, their source.')
		.option('--json', 'print the declarations as JSON')
		.addHelpText('after', '\nExample:\n  rationale methods --json')
		.action(({ json = false }: { json?: boolean }) => listMethods(session, json));
}

async function listMethods({ terminal: { out } }: Session, json: boolean): Promise<void> {
	const { methods } = await import('../../rationales/methods.ts');
	const declarations = Object.values(methods).map(({ declaration }) => declaration);
	out.lines(json ? [JSON.stringify(declarations, null, '\t')] : renderMethods(declarations, out));
}

const families: Readonly<Record<MethodDeclaration['family'], string>> = {
	attribution: 'Attribution: a score for every word, read from the model’s numbers',
	prompting: 'Prompting: the model is asked for the words',
	reference: 'References: what the others are compared with',
};

function renderMethods(declarations: readonly MethodDeclaration[], { colours, columns }: Channel): string[] {
	const block = (declaration: MethodDeclaration): string[] => [
		`  ${colours.bold(declaration.id.padEnd(22))} ${declaration.title}`,
		...wrapText(properties(declaration), columns, 4),
		...wrapText(declaration.source, columns, 4).map(colours.dim),
	];
	return Object.entries(families).flatMap(([family, title]) => [
		colours.underline(title),
		...declarations.filter((declaration) => declaration.family === family).flatMap(block),
		'',
	]);
}

function properties({ needs, signed, targetSpecific, aggregation }: MethodDeclaration): string {
	return [
		`needs ${needs}`,
		signed ? 'signed: evidence against is negative' : 'not signed',
		targetSpecific ? 'explains one label' : 'the same for every label',
		...(aggregation === null ? [] : [`word = ${aggregation} of its tokens`]),
	].join('; ');
}
